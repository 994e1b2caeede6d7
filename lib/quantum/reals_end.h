/* Ends what reals.h began. */
#undef LANES
#undef EXACT
#undef NAME
#undef EXPORTED
#undef V
#undef INDEX
#undef W
