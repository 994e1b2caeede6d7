/* Ends what reals.h began. */
#undef LANES
#undef NAME
#undef EXPORTED
#undef V
#undef INDEX
#undef W
