/* A server that many browsers, and some that mean no good, ask at once. */
#include "os/page_server.h"
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

enum { ANSWER_BYTES = 1 << 16 };

static char folder[] = "/tmp/setlab-server-XXXXXX";
static PageServer *server;

/* A connection to the server; it is closed by who asked for it. */
static int dial (void) {
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)page_server_port(server)) };
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int s = socket(AF_INET, SOCK_STREAM, 0);
  struct timeval limit = { .tv_sec = 60 };
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  assert_int_equal(connect(s, (struct sockaddr *)&address, sizeof address), 0);
  return s;
}

static void say (int s, const char *text) { assert_int_equal(send(s, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text)); }

static void ask (int s, const char *method, const char *path, const char *host) {
  char text[2048], own[64];
  snprintf(own, sizeof own, "127.0.0.1:%d", page_server_port(server));
  snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", method, path, host ? host : own);
  say(s, text);
}

/* Everything until the other side closes; the socket is closed, too. */
static const char *hear (int s) {
  static char answer[ANSWER_BYTES + 1];
  size_t n = 0;
  for (ssize_t got; n < ANSWER_BYTES && (got = recv(s, answer + n, ANSWER_BYTES - n, 0)) > 0;) n += (size_t)got;
  answer[n] = 0;
  close(s);
  return answer;
}

static const char *get (const char *path) {
  int s = dial();
  ask(s, "GET", path, NULL);
  return hear(s);
}

static void expect (const char *answer, const char *status, const char *body) {
  char line[64];
  snprintf(line, sizeof line, "HTTP/1.1 %s ", status);
  if (strncmp(answer, line, strlen(line))) fail_msg("not %s: %.300s", status, answer);
  if (body && !strstr(answer, body)) fail_msg("'%s' is missing: %.600s", body, answer);
}

static void publish (const char *path, const char *text) {
  assert_true(page_server_publish(server, path, "text/html; charset=utf-8", text, strlen(text)));
}

static void put (const char *name, const char *text) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

static int open_server (void **state) {
  (void)state;
  char why[256] = "";
  server = page_server_new(0, why);
  if (!server) fprintf(stderr, "# %s\n", why);
  return server ? 0 : -1;
}

static int close_server (void **state) {
  (void)state;
  page_server_free(server);
  return 0;
}

static void test_documents (void **state) {
  (void)state;
  expect(get("/"), "404", NULL);
  publish("/", "<p>first</p>");
  expect(get("/"), "200", "<p>first</p>");
  expect(get("/?x=1"), "200", "<p>first</p>");
  expect(get("/"), "200", "Content-Security-Policy: default-src 'none'");
  publish("/", "<p>second</p>");
  expect(get("/"), "200", "<p>second</p>");
  int s = dial();
  ask(s, "HEAD", "/", NULL);
  const char *head = hear(s);
  expect(head, "200", "Content-Length: 13");
  assert_null(strstr(head, "second"));
  for (int i = 1; i < PAGE_SERVER_DOCUMENTS; i++) {
    char path[16];
    snprintf(path, sizeof path, "/%d", i);
    publish(path, path);
  }
  assert_false(page_server_publish(server, "/one-more", "text/html", "x", 1));
  expect(get("/7"), "200", "/7");
}

static void test_files (void **state) {
  (void)state;
  char link[512];
  put("figure.svg", "<svg/>");
  put(".hidden", "secret");
  snprintf(link, sizeof link, "%s/link.svg", folder);
  assert_int_equal(symlink("/etc/passwd", link), 0);
  snprintf(link, sizeof link, "%s/sub", folder);
  assert_int_equal(mkdir(link, 0777), 0);
  snprintf(link, sizeof link, "%s/fifo", folder);
  assert_int_equal(mkfifo(link, 0666), 0);
  expect(get("/s_files/figure.svg"), "404", NULL);
  assert_true(page_server_folder(server, "/my study_files/", folder));
  expect(get("/my%20study_files/figure.svg"), "200", "<svg/>");
  assert_true(page_server_folder(server, "/s_files/", folder));
  expect(get("/my%20study_files/figure.svg"), "404", NULL);
  expect(get("/s_files/figure.svg"), "200", "<svg/>");
  expect(get("/s_files/figure.svg"), "200", "image/svg+xml");
  static const char *const refused[] = {
    "/s_files/", "/s_files", "/s_files/absent.svg", "/s_files/.hidden", "/s_files/link.svg", "/s_files/sub", "/s_files/fifo",
    "/s_files/../figure.svg", "/s_files/..%2f..%2f..%2fetc%2fpasswd", "/s_files/%2e%2e/%2e%2e/etc/passwd", "/s_files//etc/passwd",
    "/s_files/figure.svg%00.txt", "/s_files/figure.svg/", "/etc/passwd", "//s_files/figure.svg", "/s_files/fig%0aure.svg",
  };
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    const char *answer = get(refused[i]);
    if (!strncmp(answer, "HTTP/1.1 200", 12)) fail_msg("%s is answered: %.200s", refused[i], answer);
    assert_null(strstr(answer, "root:"));
  }
}

static void test_strangers (void **state) {
  (void)state;
  publish("/", "<p>mine</p>");
  static const char *const hosts[] = { "evil.example", "127.0.0.1", "localhost", "127.0.0.1:1", "127.0.0.1.evil.example" };
  for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
    int s = dial();
    ask(s, "GET", "/", hosts[i]);
    expect(hear(s), "403", NULL);
  }
  char ours[64];
  snprintf(ours, sizeof ours, "localhost:%d", page_server_port(server));
  int s = dial();
  ask(s, "GET", "/", ours);
  expect(hear(s), "200", "mine");
  static const char *const methods[] = { "POST", "PUT", "DELETE", "OPTIONS" };
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    s = dial();
    ask(s, methods[i], "/", NULL);
    expect(hear(s), "405", NULL);
  }
  char path[4096] = "/";
  memset(path + 1, 'a', 600);
  expect(get(path), "404", NULL);
  s = dial();
  say(s, "\r\n\x01\x02nonsense\r\n\r\n");
  assert_null(strstr(hear(s), "mine"));
}

static void news (const char *json) { assert_true(page_server_news(server, json, strlen(json))); }

static void test_news (void **state) {
  (void)state;
  expect(get("/.setlab/news?since=9"), "503", NULL);
  expect(get("/.setlab/news"), "400", NULL);
  expect(get("/.setlab/news?since=-1"), "400", NULL);
  expect(get("/.setlab/news?since=99999999999999999999"), "400", NULL);
  news("{\"state\": \"ready\"}");
  expect(get("/.setlab/news?since=0"), "200", "{\"number\": 1, \"news\": {\"state\": \"ready\"}}");
  int waiting[2] = { dial(), dial() };
  for (int i = 0; i < 2; i++) ask(waiting[i], "GET", "/.setlab/news?since=1", NULL);
  usleep(100000);
  char byte;
  for (int i = 0; i < 2; i++) assert_true(recv(waiting[i], &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0);   /* no answer yet */
  news("2");
  for (int i = 0; i < 2; i++) expect(hear(waiting[i]), "200", "{\"number\": 2, \"news\": 2}");
  int patient = dial();
  ask(patient, "GET", "/.setlab/news?since=2", NULL);
  usleep(50000);
  page_server_tick(server);
  expect(hear(patient), "200", "\"number\": 2");   /* nothing new, and let go all the same */
}

static void test_slow_readers (void **state) {
  (void)state;
  enum { BYTES = 8 << 20 };
  char *big = malloc(BYTES);
  memset(big, 'o', BYTES);
  memcpy(big, "old", 3);
  assert_true(page_server_publish(server, "/", "text/plain", big, BYTES));
  int silent = dial(), half = dial(), slow = dial();
  say(half, "GET / HT");
  ask(slow, "GET", "/", NULL);
  usleep(50000);
  publish("/", "new");
  expect(get("/"), "200", "new");
  size_t n = 0, old = 0;
  for (ssize_t got; (got = recv(slow, big, BYTES, 0)) > 0; n += (size_t)got) old += big[got - 1] == 'o';
  assert_true(n > BYTES && old > 0);   /* with its head, the old one to its end */
  close(silent);
  close(half);
  close(slow);
  free(big);
}

/* The address sanitizer does, for a while. */
#if defined(__SANITIZE_ADDRESS__)
static const int keeps_freed_memory = 1;
#elif defined(__has_feature)
static const int keeps_freed_memory = __has_feature(address_sanitizer);
#else
static const int keeps_freed_memory = 0;
#endif

static long resident_kib (void) {
  long pages = 0;
  FILE *f = fopen("/proc/self/statm", "r");
  if (f && fscanf(f, "%*d %ld", &pages) != 1) pages = 0;
  if (f) fclose(f);
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void reload (int times) {
  static char page[100000];
  memset(page, 'x', sizeof page - 1);
  for (int i = 0; i < times; i++) {
    publish("/", page);
    news("{}");
    expect(get("/"), "200", NULL);
    expect(get("/.setlab/news?since=0"), "200", NULL);
  }
}

static void test_no_growth (void **state) {
  (void)state;
  reload(100);
  long before = resident_kib();
  reload(1000);
  long grown = resident_kib() - before;
  if (grown > 4096 && !keeps_freed_memory) fail_msg("%ld KiB more after 1,000 pages", grown);
}

static void test_ports (void **state) {
  (void)state;
  char why[256] = "";
  assert_null(page_server_new(page_server_port(server), why));
  assert_non_null(strstr(why, "in use"));
  PageServer *other = page_server_new(0, why);
  assert_non_null(other);
  assert_int_not_equal(page_server_port(other), page_server_port(server));
  page_server_free(other);
  page_server_free(NULL);
}

/* More than it takes, some waiting: it ends at once all the same. */
static void test_end (void **state) {
  (void)state;
  news("1");
  int s[PAGE_SERVER_CONNECTIONS + 8];
  for (int i = 0; i < PAGE_SERVER_CONNECTIONS + 8; i++) {
    s[i] = dial();
    char text[128];
    int n = snprintf(text, sizeof text, "GET /.setlab/news?since=1 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", page_server_port(server));
    (void)!send(s[i], text, (size_t)n, MSG_NOSIGNAL);
  }
  usleep(100000);
  for (int i = 0; i < 10; i++) close(s[i]);
  page_server_free(server);
  server = NULL;
  for (int i = 10; i < PAGE_SERVER_CONNECTIONS + 8; i++) close(s[i]);
}

int main (void) {
  if (!mkdtemp(folder)) return 1;
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_server, close_server)
  const struct CMUnitTest tests[] = {
    TEST(test_documents), TEST(test_files), TEST(test_strangers), TEST(test_news), TEST(test_slow_readers), TEST(test_no_growth), TEST(test_ports), TEST(test_end),
  };
  cmocka_set_message_output(CM_OUTPUT_TAP);
  int failed = cmocka_run_group_tests_name("page_server", tests, NULL, NULL);
  char command[512];
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command) || failed;
}
