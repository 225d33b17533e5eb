/*
** page_server.h -- a few documents for a browser on this machine, over HTTP (libmicrohttpd).
**
** It listens on 127.0.0.1 alone, and answers only who asks for that address or for localhost: another page in
** the same browser cannot reach it under a name of its own (DNS rebinding). It answers GET and HEAD, for the
** documents that were handed to it and the plain files of one folder. Its own thread answers; every function here
** may be called from one other thread at any time.
**
** A browser learns of news by asking for PAGE_SERVER_NEWS "?since=N", N the number of the news it knows: the answer
** waits until there is another. Who waits costs no thread.
*/
#ifndef SETLAB_PAGE_SERVER_H
#define SETLAB_PAGE_SERVER_H
#include <stddef.h>

#define PAGE_SERVER_NEWS "/.setlab/news"

enum { PAGE_SERVER_DOCUMENTS = 16, PAGE_SERVER_CONNECTIONS = 64 };

typedef struct PageServer PageServer;

/* A server on this port, 0: any that is free; or NULL and a sentence in why. page_server_free lets all
** connections go and takes NULL. */
PageServer *page_server_new (int port, char why[256]);
void page_server_free (PageServer *server);

int page_server_port (const PageServer *server);

/* From now on `path`, which begins with '/', is this document; it is copied, and who is reading an older one gets
** that to its end. type: such as "text/html". 0 if memory runs out or there are PAGE_SERVER_DOCUMENTS others. */
int page_server_publish (PageServer *server, const char *path, const char *type, const char *bytes, size_t n);

/* From now on `prefix` followed by a file's name, without a folder, is that file of `folder`. It replaces an earlier
** prefix. Links are not followed. 0 if memory runs out. */
int page_server_folder (PageServer *server, const char *prefix, const char *folder);

/* Answers everyone who waits for news, and who asks from now on, with this text: {"number": N, "news": text}; the
** text is JSON. The first news is number 1. 0 if memory runs out. */
int page_server_news (PageServer *server, const char *json, size_t n);

/* Lets those who wait go with the news they know. To be called every few seconds: a browser that has gone is
** noticed only then. */
void page_server_tick (PageServer *server);

#endif
