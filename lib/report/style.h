/* The style sheet of HTML reports: light and dark, colours of Okabe and Ito (2008), which people
 * with any colour vision can tell apart. */
#ifndef QF_REPORT_STYLE_H
#define QF_REPORT_STYLE_H

extern const char qf_report_style[];

#endif
