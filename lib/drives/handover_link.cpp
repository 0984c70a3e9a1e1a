#include "drives/handover_link.h"

#include "io/system_error.h"

#include <algorithm>

#include <fcntl.h>
#include <sys/socket.h>

namespace wcmp::drives {

using boost::system::error_code;

HandoverLink::HandoverLink(boost::asio::io_context& io, HandoverLinkOptions options)
    : options_(std::move(options)), readable_(io), retry_(io), delay_(options_.retry_min) {}

void HandoverLink::start(HandoverListener listener) {
    listener_ = std::move(listener);
    running_ = true;
    connect_after({});
}

void HandoverLink::stop() {
    running_ = false;
    listener_ = {};
    channel_.reset();
    error_code ignored;
    readable_.close(ignored);
    retry_.cancel();
}

void HandoverLink::send(const handover::Message& message) {
    if (!channel_ || send_failed_) return;
    const auto sent = channel_->send(message);
    if (sent) return;
    // The reader finds the end of the connection, so that it never ends from inside a call.
    send_failed_ = sent.error();
    ::shutdown(channel_->descriptor(), SHUT_RDWR);
}

void HandoverLink::connect_after(std::chrono::milliseconds delay) {
    retry_.expires_after(delay);
    retry_.async_wait([self = shared_from_this()](const error_code& failed) {
        if (!failed && self->running_) self->connect();
    });
}

void HandoverLink::connect() {
    if (!listener_.may_connect()) return connect_after(options_.retry_min);
    auto channel = handover::connect(options_.socket.c_str());
    const auto adopted = channel ? adopt(std::move(*channel)) : std::unexpected(channel.error());
    if (!adopted) {
        connect_later();
        return tell(adopted.error());
    }
    connected_ = std::chrono::steady_clock::now();
    const auto connected = listener_.connected;  // it may lead to stop()
    connected();
    if (channel_) await();
}

Result<void> HandoverLink::adopt(handover::Channel channel) {
    WCMP_ASSIGN(const auto peer, channel.peer());
    if (peer != options_.peer) return fail(Errc::denied, "another user than expected offers drives");
    io::UniqueFd same(::fcntl(channel.descriptor(), F_DUPFD_CLOEXEC, 0));
    if (!same) return io::system_error("cannot duplicate a descriptor");
    error_code failed;
    readable_.assign(same.get(), failed);
    if (failed) return fail(Errc::io, "cannot wait for messages", failed.value());
    same.release();
    send_failed_.reset();
    channel_.emplace(std::move(channel));
    return {};
}

void HandoverLink::await() {
    readable_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                         [self = shared_from_this()](const error_code& failed) {
                             if (!failed && self->channel_) self->read();
                         });
}

void HandoverLink::read() {
    constexpr int messages_per_turn = 64;  // so that one who talks without end holds up nobody
    bool more = true;
    for (int i = 0; i < messages_per_turn && more; ++i)
        if (const auto why = read_one(more)) return end(*why);
    if (channel_) await();
}

std::optional<Error> HandoverLink::read_one(bool& more) {
    auto received = channel_->receive();
    if (!received) return send_failed_ ? *send_failed_ : received.error();
    more = received->has_value();
    if (!more) return {};
    const auto take = listener_.received;  // it may lead to stop()
    const auto taken = take(std::move(**received));
    more = channel_.has_value();
    if (!taken && more) return taken.error();
    return {};
}

void HandoverLink::end(const Error& why) {
    channel_.reset();
    error_code ignored;
    readable_.close(ignored);
    if (std::chrono::steady_clock::now() - connected_ >= options_.retry_max) {
        delay_ = options_.retry_min;
        told_.reset();
    }
    const auto lost = listener_.lost;  // it may lead to stop()
    lost();
    if (!running_) return;
    connect_later();
    if (why.code != Errc::not_found) tell(why);  // else the other side closed
}

void HandoverLink::connect_later() {
    connect_after(delay_);
    delay_ = std::min(2 * delay_, options_.retry_max);
}

void HandoverLink::tell(const Error& trouble) {
    if (told_ == trouble.code) return;
    told_ = trouble.code;
    if (const auto told = listener_.trouble) told(trouble);
}

}  // namespace wcmp::drives
