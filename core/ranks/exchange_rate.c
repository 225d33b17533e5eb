#include "ranks/exchange_rate.h"
#include "base/clock.h"
#include "base/mem.h"

enum { ROUNDS = 30 };

static double time_rounds (Mail *mail, int other, size_t n, char *from, char *to) {
  double start = 0;
  for (int i = 0; i <= ROUNDS; i++) {
    if (i == 1) start = clock_seconds();
    mail_receive(mail, other, RANKS_STATE, to, n);
    mail_send(mail, other, RANKS_STATE, from, n);
    mail_wait(mail);
  }
  return (double)n * ROUNDS / (clock_seconds() - start);
}

double exchange_rate (Ranks *ranks, size_t n) {
  Mail *mail = mail_new(ranks, 2);
  char *from = mem_zero(n, 1), *to = mem_zero(n, 1);
  double rate = mail && from && to ? time_rounds(mail, 1 - ranks_rank(ranks), n, from, to) : 0;
  mail_free(mail);
  mem_free(from);
  mem_free(to);
  return rate;
}
