#include "connection.h"

#include <boost/asio/post.hpp>

namespace wcmp::mountd {

using drives::handover::Channel;
using drives::handover::Message;

Connection::Connection(boost::asio::io_context& io, Channel channel)
    : readiness_(io), channel_(std::move(channel)) {}

Connection::~Connection() {
    close();
}

void Connection::start(Listener listener) {
    listener_ = std::move(listener);
    boost::system::error_code failed;
    readiness_.assign(channel_->descriptor(), failed);
    if (failed) return end(error_from_errno("cannot watch the connection", failed.value()));
    await();
}

void Connection::send(const Message& message, int descriptor) {
    if (!channel_) return;
    const auto sent = channel_->send(message, descriptor);
    if (!sent) end(sent.error());
}

void Connection::close() {
    listener_ = {};
    if (!channel_) return;
    if (readiness_.is_open()) readiness_.release();
    channel_.reset();
}

void Connection::await() {
    readiness_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                          [weak = weak_from_this()](const boost::system::error_code& failed) {
                              const auto self = weak.lock();
                              if (!self || failed || !self->channel_) return;
                              self->take_all();
                              if (self->channel_) self->await();
                          });
}

void Connection::take_all() {
    // Not for ever: others are waiting for this thread too.
    constexpr int at_once_max = 16;
    // A copy: what is called may close this connection, and must not lose what it runs in.
    const auto told = listener_.received;
    for (int i = 0; i < at_once_max && channel_; ++i) {
        const auto received = channel_->receive();
        if (!received) return end(received.error());
        if (!*received) return;
        if (told) told((*received)->message);
    }
}

void Connection::end(const Error& error) {
    auto ended = std::move(listener_.ended);
    auto& io = static_cast<boost::asio::io_context&>(readiness_.get_executor().context());
    close();
    if (ended) boost::asio::post(io, [ended = std::move(ended), error] { ended(error); });
}

}  // namespace wcmp::mountd
