/* Any stream as text: the header, the provenance tree, records as JSON lines. */
#ifndef QF_STREAM_VIEW_H
#define QF_STREAM_VIEW_H

#include "stream/reader.h"

/* Appends the header of the stream being read as readable lines: type, schema, parameters. */
qf_status qf_view_header(const qf_reader *reader, qf_bytes *out, qf_error *error);
/* Appends the program runs that led to the stream, the newest first, each input indented beneath;
 * what several runs read, in full beneath the first of them. */
qf_status qf_view_provenance(qf_provenance *run, qf_bytes *out, qf_error *error);
/* Appends the same as one JSON object; a run that was shown already is {"run":N}. */
qf_status qf_view_provenance_json(qf_provenance *run, qf_bytes *out, qf_error *error);
/* Appends a record as JSON lines: a line a row for blocks of rows (columns named by the schema,
 * then what every row stream carries), a line an array piece, a line a record. With `out` NULL it
 * only decodes, which verifies; at the end, that no array lacks a piece. */
qf_status qf_view_message(qf_reader *reader, const qf_message *message, qf_bytes *out,
                          qf_error *error);
/* Appends the trailer's digest and counts, after QF_MESSAGE_END. */
qf_status qf_view_trailer(const qf_reader *reader, qf_bytes *out, qf_error *error);

#endif
