#include "os/page_server.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 256, FOLDER_BYTES = 4096, CONNECTION_BYTES = 16 * 1024, SILENT_SECONDS = 20 };

typedef struct Document {
  char path[PATH_BYTES];
  struct MHD_Response *response;
} Document;

struct PageServer {
  struct MHD_Daemon *daemon;
  int port;
  pthread_mutex_t lock;     /* over everything below */
  Document documents[PAGE_SERVER_DOCUMENTS];
  int n_documents;
  char prefix[PATH_BYTES], folder[FOLDER_BYTES];
  struct MHD_Response *news;
  unsigned long number;     /* of the news; 0: none yet */
  struct MHD_Connection *waiting[PAGE_SERVER_CONNECTIONS];
  int n_waiting, is_closing;
};

/* How far a request is, kept between calls of `answer` as the address of one of these. */
static char has_begun, has_waited;

/* ---- answers --------------------------------------------------------------------------------- */

/* A page shows what it brings along and nothing from elsewhere, and no other page may frame or read it. */
static void add_headers (struct MHD_Response *response, const char *type) {
  static const char *const headers[][2] = {
    { "Cache-Control", "no-store" },
    { "X-Content-Type-Options", "nosniff" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
    { "Content-Security-Policy", "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; "
      "script-src 'self' 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'" },
  };
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
  for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
    MHD_add_response_header(response, headers[i][0], headers[i][1]);
}

static struct MHD_Response *response_of (const char *type, const char *bytes, size_t n) {
  struct MHD_Response *response = MHD_create_response_from_buffer(n, (void *)bytes, MHD_RESPMEM_MUST_COPY);
  if (response) add_headers(response, type);
  return response;
}

/* Queues a response and lets go of it: the server keeps it as long as it sends it. */
static enum MHD_Result send_once (struct MHD_Connection *connection, unsigned status, struct MHD_Response *response) {
  if (!response) return MHD_NO;
  enum MHD_Result queued = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return queued;
}

static enum MHD_Result refuse (struct MHD_Connection *connection, unsigned status, const char *sentence) {
  return send_once(connection, status, response_of("text/plain; charset=utf-8", sentence, strlen(sentence)));
}

/* ---- files ----------------------------------------------------------------------------------- */

/* A name that stays in its folder: letters, digits and "._-", and no dot first. */
static int is_plain_name (const char *name) {
  if (!*name || *name == '.') return 0;
  return name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] == 0;
}

static const char *type_of (const char *name) {
  static const char *const types[][2] = {
    { ".svg", "image/svg+xml" }, { ".png", "image/png" }, { ".gif", "image/gif" },
    { ".csv", "text/plain; charset=utf-8" }, { ".dat", "text/plain; charset=utf-8" },
    { ".gp", "text/plain; charset=utf-8" }, { ".tex", "text/plain; charset=utf-8" },
  };
  const char *ending = strrchr(name, '.');
  for (size_t i = 0; ending && i < sizeof types / sizeof *types; i++)
    if (!strcmp(ending, types[i][0])) return types[i][1];
  return "application/octet-stream";
}

/* The response that sends a plain file; NULL if it is none. */
static struct MHD_Response *file_response (const char *folder, const char *name) {
  char path[FOLDER_BYTES + PATH_BYTES];
  int n = snprintf(path, sizeof path, "%s/%s", folder, name);
  int file = n > 0 && (size_t)n < sizeof path ? open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
  if (file < 0) return NULL;
  struct stat facts;
  struct MHD_Response *response = NULL;
  if (!fstat(file, &facts) && S_ISREG(facts.st_mode)) response = MHD_create_response_from_fd((uint64_t)facts.st_size, file);
  if (response) add_headers(response, type_of(name));
  else close(file);
  return response;
}

static enum MHD_Result answer_file (PageServer *server, struct MHD_Connection *connection, const char *path) {
  char folder[FOLDER_BYTES] = "";
  pthread_mutex_lock(&server->lock);
  size_t n = strlen(server->prefix);
  if (n && !strncmp(path, server->prefix, n)) memcpy(folder, server->folder, FOLDER_BYTES);
  pthread_mutex_unlock(&server->lock);
  struct MHD_Response *response = folder[0] && is_plain_name(path + n) ? file_response(folder, path + n) : NULL;
  if (!response) return refuse(connection, MHD_HTTP_NOT_FOUND, "There is no such page here.\n");
  return send_once(connection, MHD_HTTP_OK, response);
}

/* ---- news ------------------------------------------------------------------------------------ */

/* Lets all who wait go on; each is answered by a second call of `answer`. The lock is held. */
static void release (PageServer *server) {
  for (int i = 0; i < server->n_waiting; i++) MHD_resume_connection(server->waiting[i]);
  server->n_waiting = 0;
}

/* The number behind "?since="; -1 if there is none. */
static long since (struct MHD_Connection *connection) {
  const char *text = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "since");
  if (!text || !*text || strlen(text) > 15 || text[strspn(text, "0123456789")]) return -1;
  return atol(text);
}

static enum MHD_Result answer_news (PageServer *server, struct MHD_Connection *connection, void **kept) {
  long known = since(connection);
  if (known < 0) return refuse(connection, MHD_HTTP_BAD_REQUEST, "since=N is missing.\n");
  enum MHD_Result result = MHD_YES;
  pthread_mutex_lock(&server->lock);
  int must_wait = (unsigned long)known == server->number && *kept != &has_waited && !server->is_closing
                  && server->n_waiting < PAGE_SERVER_CONNECTIONS;
  if (must_wait) {
    *kept = &has_waited;
    server->waiting[server->n_waiting++] = connection;
    MHD_suspend_connection(connection);
  } else if (server->news) result = MHD_queue_response(connection, MHD_HTTP_OK, server->news);
  else result = refuse(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "There is no news yet.\n");
  pthread_mutex_unlock(&server->lock);
  return result;
}

/* ---- requests -------------------------------------------------------------------------------- */

/* Whether the request names this machine and this port: not a name that someone else made point here. */
static int is_for_us (PageServer *server, struct MHD_Connection *connection) {
  const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
  pthread_mutex_lock(&server->lock);
  int port = server->port;
  pthread_mutex_unlock(&server->lock);
  char ours[64];
  for (int i = 0; host && i < 2; i++) {
    snprintf(ours, sizeof ours, "%s:%d", i ? "localhost" : "127.0.0.1", port);
    if (!strcmp(host, ours)) return 1;
  }
  return 0;
}

/* The document of a path, for which the caller has the lock; NULL if there is none. */
static Document *find (PageServer *server, const char *path) {
  for (int i = 0; i < server->n_documents; i++)
    if (!strcmp(server->documents[i].path, path)) return &server->documents[i];
  return NULL;
}

static enum MHD_Result answer_path (PageServer *server, struct MHD_Connection *connection, const char *path) {
  pthread_mutex_lock(&server->lock);
  const Document *document = find(server, path);
  enum MHD_Result result = document ? MHD_queue_response(connection, MHD_HTTP_OK, document->response) : MHD_NO;
  pthread_mutex_unlock(&server->lock);
  return document ? result : answer_file(server, connection, path);
}

/* "%20" is a blank, and "%00" would end a path early: such a one becomes empty. */
static size_t decode (void *context, struct MHD_Connection *connection, char *text) {
  (void)context;
  (void)connection;
  size_t n = MHD_http_unescape(text);
  if (strlen(text) == n) return n;
  *text = 0;
  return 0;
}

static enum MHD_Result answer (void *context, struct MHD_Connection *connection, const char *path, const char *method,
                               const char *version, const char *data, size_t *n_data, void **kept) {
  PageServer *server = context;
  (void)version;
  (void)data;
  if (!*kept) {   /* the head of the request has come; the answer is for the next call */
    *kept = &has_begun;
    return MHD_YES;
  }
  if (*n_data) return MHD_NO;   /* nobody has anything to send here */
  if (strcmp(method, "GET") && strcmp(method, "HEAD"))
    return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "Only GET and HEAD are answered.\n");
  if (!is_for_us(server, connection)) return refuse(connection, MHD_HTTP_FORBIDDEN, "This server answers to localhost only.\n");
  if (strlen(path) >= PATH_BYTES) return refuse(connection, MHD_HTTP_NOT_FOUND, "There is no such page here.\n");
  if (!strcmp(path, PAGE_SERVER_NEWS)) return answer_news(server, connection, kept);
  return answer_path(server, connection, path);
}

/* ---- the server ------------------------------------------------------------------------------ */

static struct MHD_Daemon *start (PageServer *server, int port) {
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  unsigned how = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO | MHD_ALLOW_SUSPEND_RESUME;
  return MHD_start_daemon(how, (uint16_t)port, NULL, NULL, answer, server, MHD_OPTION_SOCK_ADDR, &address,
                          MHD_OPTION_UNESCAPE_CALLBACK, decode, NULL,
                          MHD_OPTION_CONNECTION_LIMIT, (unsigned)PAGE_SERVER_CONNECTIONS,
                          MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
                          MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENT_SECONDS, MHD_OPTION_END);
}

PageServer *page_server_new (int port, char why[256]) {
  PageServer *server = mem_zero(1, sizeof *server);
  if (!server || pthread_mutex_init(&server->lock, NULL)) {
    snprintf(why, 256, "not enough memory");
    mem_free(server);
    return NULL;
  }
  errno = 0;
  pthread_mutex_lock(&server->lock);    /* no request is looked at before the port is known */
  server->daemon = start(server, port);
  const union MHD_DaemonInfo *facts = server->daemon ? MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
  server->port = facts ? facts->port : 0;
  pthread_mutex_unlock(&server->lock);
  if (server->port) return server;
  snprintf(why, 256, "no server on port %d of this machine: %s", port, errno ? strerror(errno) : "it cannot be started");
  page_server_free(server);
  return NULL;
}

void page_server_free (PageServer *server) {
  if (!server) return;
  pthread_mutex_lock(&server->lock);
  server->is_closing = 1;
  release(server);
  pthread_mutex_unlock(&server->lock);
  if (server->daemon) MHD_stop_daemon(server->daemon);
  for (int i = 0; i < server->n_documents; i++) MHD_destroy_response(server->documents[i].response);
  if (server->news) MHD_destroy_response(server->news);
  pthread_mutex_destroy(&server->lock);
  mem_free(server);
}

int page_server_port (const PageServer *server) { return server->port; }

int page_server_publish (PageServer *server, const char *path, const char *type, const char *bytes, size_t n) {
  struct MHD_Response *response = strlen(path) < PATH_BYTES ? response_of(type, bytes, n) : NULL;
  if (!response) return 0;
  pthread_mutex_lock(&server->lock);
  Document *document = find(server, path);
  int is_new = !document && server->n_documents < PAGE_SERVER_DOCUMENTS;
  if (is_new) {
    document = &server->documents[server->n_documents++];
    snprintf(document->path, PATH_BYTES, "%s", path);
  }
  if (document) {
    if (document->response) MHD_destroy_response(document->response);
    document->response = response;
  }
  pthread_mutex_unlock(&server->lock);
  if (!document) MHD_destroy_response(response);
  return document != NULL;
}

int page_server_folder (PageServer *server, const char *prefix, const char *folder) {
  if (strlen(prefix) >= PATH_BYTES || strlen(folder) >= FOLDER_BYTES) return 0;
  pthread_mutex_lock(&server->lock);
  snprintf(server->prefix, PATH_BYTES, "%s", prefix);
  snprintf(server->folder, FOLDER_BYTES, "%s", folder);
  pthread_mutex_unlock(&server->lock);
  return 1;
}

int page_server_news (PageServer *server, const char *json, size_t n) {
  static const char form[] = "{\"number\": %lu, \"news\": %s}\n";
  size_t room = n + sizeof form + 24;
  char *text = mem_new(room, 1);
  if (!text) return 0;
  pthread_mutex_lock(&server->lock);
  int length = snprintf(text, room, form, server->number + 1, json);
  struct MHD_Response *response = response_of("application/json", text, (size_t)length);
  if (response) {
    if (server->news) MHD_destroy_response(server->news);
    server->news = response;
    server->number++;
    release(server);
  }
  pthread_mutex_unlock(&server->lock);
  mem_free(text);
  return response != NULL;
}

void page_server_tick (PageServer *server) {
  pthread_mutex_lock(&server->lock);
  release(server);
  pthread_mutex_unlock(&server->lock);
}
