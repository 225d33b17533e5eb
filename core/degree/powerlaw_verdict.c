/* What a fit is worth: the rules, and their words. */
#include "degree/powerlaw.h"
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum {
  SHORTEST_TAIL = 50,  /* values */
  WIDTH = 10           /* one decade: the largest value over xmin */
};
#define CHANCE 0.1     /* a p of at most this much speaks */

typedef enum Compared { WORSE, ALIKE, BETTER } Compared;

/* A log-normal whose sigma is at its bound is the power law but for a hair, and the test of Vuong
** may find the hair to be always on one side. It is a difference only if the ratio itself is more
** than chance, as for laws of which one contains the other. */
static int is_power_law (const Alternative *a) { return a->limit && !(erfc(sqrt(fabs(a->R))) <= CHANCE); }

/* How an alternative compares with the power law. */
static Compared compared (const Alternative *a) {
  if (!(a->p <= CHANCE) || is_power_law(a)) return ALIKE;
  return a->R > 0 ? WORSE : BETTER;
}

static int count (const Powerlaw *f, Compared wanted) {
  int n = 0;
  for (int k = 0; f->compared && k < ALTERNATIVES; k++) n += compared(&f->alternative[k]) == wanted;
  return n;
}

static int is_odd (const Powerlaw *f) { return f->alpha < 1.5 || f->alpha > 5; }

static PowerlawVerdict judge (const Powerlaw *f) {
  if (f->n_tail < SHORTEST_TAIL || f->max / WIDTH < f->xmin) return POWERLAW_SHORT_TAIL;
  if (f->p <= CHANCE) return POWERLAW_REJECTED;
  if (count(f, BETTER)) return POWERLAW_BEATEN;
  if (is_odd(f)) return POWERLAW_ODD_ALPHA;
  if (isnan(f->p)) return POWERLAW_UNTESTED;
  if (!f->compared) return POWERLAW_POSSIBLE;
  return count(f, WORSE) == ALTERNATIVE_CUTOFF ? POWERLAW_SUPPORTED : POWERLAW_UNDECIDED;
}

void powerlaw_judge (Powerlaw *fit) { fit->verdict = judge(fit); }

const char *powerlaw_kind (const Powerlaw *fit) {
  static const char *const kinds[] = {
    "no fit", "short tail", "rejected", "another fits better", "odd alpha", "untested", "possible", "undecided", "supported"
  };
  return kinds[fit->verdict];
}

/* ---- words ------------------------------------------------------------------------------ */

typedef struct Text { char *at; size_t room; } Text;

__attribute__((format(printf, 2, 3)))
static void say (Text *text, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int n = vsnprintf(text->at, text->room, format, arguments);
  va_end(arguments);
  size_t used = n < 0 ? 0 : (size_t)n < text->room ? (size_t)n : text->room - 1;
  text->at += used;
  text->room -= used;
}

static void say_no_fit (const Powerlaw *f, Text *text) {
  int64_t positive = f->n - f->zeros;
  if (positive == 0) say(text, "no fit: there is no positive value");
  else if (f->distinct == 1) say(text, "no fit: every positive value is %" PRId64, f->max);
  else say(text, "no fit: only %" PRId64 " different positive values, at least %d are needed", f->distinct, POWERLAW_FEWEST);
}

/* That none of B replicates fits worse does not make it 0; of too few it says nothing closer. */
static void say_p (const Powerlaw *f, Text *text) {
  if (f->p == 0 && f->replicates * CHANCE >= 1) say(text, "p < %.2g", 1.0 / (double)f->replicates);
  else say(text, "p = %.3g", f->p);
}

/* "log-normal (R = -3.20, p = 0.0014)": R normalised, as it is tested. The cut-off's exponent
** belongs to its name: at 0 or below it is no power law that is cut off. */
static void say_ratio (const Powerlaw *f, int k, Text *text) {
  const Alternative *a = &f->alternative[k];
  if (k == ALTERNATIVE_CUTOFF) say(text, "%s (alpha = %.2f, p = %.2g)", alternative_law[k].title, a->first, a->p);
  else if (is_power_law(a)) say(text, "%s (sigma would grow beyond 20, where it is the power law)", alternative_law[k].title);
  else say(text, "%s (R = %.2f, p = %.2g)", alternative_law[k].title, a->z, a->p);
}

/* The alternatives that compare so, joined by commas and "and"; how many they are. */
static int say_those (const Powerlaw *f, Compared wanted, Text *text) {
  int n = count(f, wanted), said = 0;
  for (int k = 0; k < ALTERNATIVES; k++) {
    if (!f->compared || compared(&f->alternative[k]) != wanted) continue;
    if (said) say(text, said + 1 == n ? " and " : ", ");
    if (wanted == WORSE) say(text, "%s", alternative_law[k].title);
    else say_ratio(f, k, text);
    said++;
  }
  return n;
}

static void say_better (const Powerlaw *f, Text *text) {
  if (!count(f, BETTER)) return;
  say(text, "; better: ");
  say_those(f, BETTER, text);
}

static void say_alike (const Powerlaw *f, Text *text) {
  if (!f->compared) return;
  if (count(f, WORSE)) {
    say(text, "; better than ");
    say_those(f, WORSE, text);
  }
  if (!count(f, ALIKE)) return;
  say(text, "; cannot be told from ");
  say_those(f, ALIKE, text);
}

static void say_supported (const Powerlaw *f, Text *text) {
  say(text, "power law supported: not rejected (p = %.3g), better than ", f->p);
  say_those(f, WORSE, text);
  say(text, ", and no cut-off is needed (p = %.2g)", f->alternative[ALTERNATIVE_CUTOFF].p);
}

/* What a power law needs and the tail does not have. */
static void say_lacks (const Powerlaw *f, Text *text) {
  int few = f->n_tail < SHORTEST_TAIL, narrow = f->max / WIDTH < f->xmin;
  if (few && narrow) say(text, "a power law needs at least %d, over at least one decade", SHORTEST_TAIL);
  else if (few) say(text, "a power law needs at least %d", SHORTEST_TAIL);
  else say(text, "that is less than the one decade which a power law needs");
  if (is_odd(f)) say(text, ", and an exponent outside 1.5 to 5 is implausible");
}

void powerlaw_verdict (const Powerlaw *f, char out[POWERLAW_SENTENCE]) {
  Text text = { out, POWERLAW_SENTENCE };
  out[0] = '\0';
  const char *odd = is_odd(f) ? "; the exponent lies outside 1.5 to 5 too" : "";
  switch (f->verdict) {
    case POWERLAW_NO_FIT: say_no_fit(f, &text); return;
    case POWERLAW_SHORT_TAIL:
      say(&text, "tail too short: %" PRId64 " values from %" PRId64 " to %" PRId64 "; ", f->n_tail, f->xmin, f->max);
      say_lacks(f, &text);
      if (f->p <= CHANCE) {
        say(&text, "; even these reject one: ");
        say_p(f, &text);
      }
      return;
    case POWERLAW_REJECTED:
      say(&text, "power law rejected: ");
      say_p(f, &text);
      say(&text, ", and at most 0.1 rejects%s", odd);
      say_better(f, &text);
      return;
    case POWERLAW_BEATEN:
      say(&text, "power law not preferred%s", odd);
      say_better(f, &text);
      return;
    case POWERLAW_ODD_ALPHA:
      say(&text, "implausible power law: alpha = %.3g lies outside 1.5 to 5", f->alpha);
      say_alike(f, &text);
      return;
    case POWERLAW_UNTESTED:
      say(&text, "not tested: without a bootstrap nothing says whether the power law fits");
      say_alike(f, &text);
      return;
    case POWERLAW_POSSIBLE:
      say(&text, "power law not rejected (p = %.3g), which proves nothing: other "
          "distributions may fit as well or better", f->p);
      return;
    case POWERLAW_UNDECIDED:
      say(&text, "power law not rejected (p = %.3g), which proves nothing", f->p);
      say_alike(f, &text);
      return;
    case POWERLAW_SUPPORTED: say_supported(f, &text); return;
  }
}
