/*
 * The conversation with CRIU: one request; then events, each of which it waits to be answered; then
 * the answer. When an event of ours fails it is told so, and takes back what it has done before it
 * ends; the first failure is the one that is reported.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "nsexec/cleanup.h"
#include "runtime/criu/criu.h"
#include "runtime/unix_socket.h"

#define MESSAGE_MAX 65536

/* One message of CRIU. */
struct message {
	enum criu_kind kind;
	bool success;
	int64_t error_number;
	bool is_event;
	struct criu_event event;
	struct criu_answer answer;
	char script[64];
};

static const char *kind_word(enum criu_kind kind)
{
	switch (kind) {
#define KIND(name, number) \
	case CRIU_##name: \
		return #name;
#include "runtime/criu/criu.def"
	}
	return "?";
}

static int notify_read(const struct protobuf_field *body, struct message *message)
{
	const unsigned char *at = body->bytes, *end = at + body->length;
	struct protobuf_field field;
	int more;

	message->is_event = true;
	while ((more = protobuf_next(&at, end, &field)) > 0) {
		if (field.number == CRIU_notify_script && field.bytes &&
			field.length < sizeof(message->script))
			memcpy(message->script, field.bytes, field.length);
		if (field.number == CRIU_notify_pid)
			message->event.pid = (pid_t)field.value;
	}
	return more;
}

static int inner_read(const struct protobuf_field *body, struct message *message)
{
	const unsigned char *at = body->bytes, *end = at + body->length;
	struct protobuf_field field;
	int more;

	if (body->number == CRIU_answer_notify)
		return notify_read(body, message);
	if (body->number != CRIU_answer_restored && body->number != CRIU_answer_features)
		return 0;
	while ((more = protobuf_next(&at, end, &field)) > 0) {
		if (body->number == CRIU_answer_restored && field.number == CRIU_restored_pid)
			message->answer.pid = (pid_t)field.value;
		if (body->number == CRIU_answer_features && field.number == CRIU_features_mem_track)
			message->answer.mem_track = field.value;
		if (body->number == CRIU_answer_features &&
			field.number == CRIU_features_lazy_pages)
			message->answer.lazy_pages = field.value;
	}
	return more;
}

static int message_decode(const unsigned char *bytes, size_t length, struct message *message)
{
	const unsigned char *at = bytes;
	struct protobuf_field field;
	int more;

	while ((more = protobuf_next(&at, bytes + length, &field)) > 0) {
		if (field.number == CRIU_answer_type)
			message->kind = (enum criu_kind)field.value;
		else if (field.number == CRIU_answer_success)
			message->success = field.value != 0;
		else if (field.number == CRIU_answer_error_number)
			message->error_number = (int32_t)field.value;
		else if (field.bytes && inner_read(&field, message) < 0)
			return -EBADMSG;
	}
	message->event.script = message->script;
	return more;
}

/* Returns 0, -EPIPE when CRIU is gone, or another -errno. */
static int message_receive(int socket, struct message *message)
{
	static unsigned char bytes[MESSAGE_MAX];
	struct iovec data = {bytes, sizeof(bytes)};
	ssize_t got;

	*message = (struct message){.event = {.fd = -1}};
	got = unix_socket_receive(socket, &data, &message->event.fd);
	if (got <= 0)
		return got < 0 ? (int)got : -EPIPE;
	return message_decode(bytes, (size_t)got, message);
}

static int request_send(
	int socket, enum criu_kind kind, const struct protobuf *body, struct error *err)
{
	struct arena arena = {0};
	struct protobuf request = {.arena = &arena};
	int result = 0;

	protobuf_number(&request, CRIU_request_type, kind);
	if (request.failed || body->failed)
		result = error_set(err, ERROR_SYSTEM, ENOMEM, "out of memory");
	if (result == 0) {
		struct iovec parts[] = {
			{request.bytes, request.length}, {body->bytes, body->length}};
		struct msghdr header = {.msg_iov = parts, .msg_iovlen = 2};

		/* to one that is gone nothing can be said: the next message is missed */
		if (sendmsg(socket, &header, MSG_NOSIGNAL) < 0 && errno != EPIPE)
			result = error_set(err, ERROR_CRIU, errno, "cannot talk to criu: %m");
	}
	arena_free(&arena);
	return result;
}

static int answer_event(int socket, bool success, struct error *err)
{
	struct arena arena = {0};
	struct protobuf body = {.arena = &arena};
	int result;

	protobuf_number(&body, CRIU_request_notify_success, success);
	result = request_send(socket, CRIU_NOTIFY, &body, err);
	arena_free(&arena);
	return result;
}

static int event_handle(
	const struct criu_request *request, struct message *message, int socket, struct error *err)
{
	struct error unheeded = {0};
	int result =
		request->happened ? request->happened(request->context, &message->event, err) : 0;

	fd_cleanup(&message->event.fd);
	if (result == 0)
		return answer_event(socket, true, err);
	/* It goes on and says in the end that it has failed, which is known. */
	answer_event(socket, false, &unheeded);
	return 0;
}

static int criu_failed(const struct criu_request *request, const struct message *message, int gone,
	struct error *err)
{
	char reason[600];

	criu_log_excerpt(request->log, reason, sizeof(reason));
	if (gone)
		return error_set(err, ERROR_CRIU, EPIPE, "criu failed: it ended early%s%s%s%s",
			request->log ? ", log file: " : "", request->log ? request->log : "",
			reason[0] ? ": " : "", reason);
	return error_set(err, ERROR_CRIU,
		message->error_number > 0 ? (int)message->error_number : EIO,
		"criu failed: type %s errno %lld%s%s%s%s", kind_word(message->kind),
		(long long)message->error_number, request->log ? ", log file: " : "",
		request->log ? request->log : "", reason[0] ? ": " : "", reason);
}

int criu_ask(struct criu *criu, const struct criu_request *request, struct criu_answer *answer,
	struct error *err)
{
	struct message message;
	int result = request_send(criu->socket, request->kind, request->body, err);

	if (result < 0)
		return result;
	for (;;) {
		result = message_receive(criu->socket, &message);
		if (result < 0 || !message.success)
			return criu_failed(request, &message, result < 0, err);
		if (!message.is_event)
			break;
		result = event_handle(request, &message, criu->socket, err);
		if (result < 0)
			return result;
	}
	if (err->code) /* it went on without what had failed */
		return -err->number;
	*answer = message.answer;
	return 0;
}
