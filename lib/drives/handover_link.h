// The way to wcmp-mountd: a connection that is made again whenever it has ended. Everything happens on the
// thread that runs the io_context, nothing from inside start().
#pragma once

#include "drives/handover.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace wcmp::drives {

struct HandoverLinkOptions {
    std::filesystem::path socket;
    uid_t peer = 0;  // who must be at the other end
    // Between two attempts; twice as long after each, until a connection has held for the longer time.
    std::chrono::milliseconds retry_min{100};
    std::chrono::milliseconds retry_max{4000};
};

struct HandoverListener {
    std::function<bool()> may_connect;  // asked before each attempt
    std::function<void()> connected;
    std::function<Result<void>(handover::Received)> received;  // an error ends the connection
    std::function<void()> lost;
    // Why there is no connection, once for each reason. That the other side closed is none.
    std::function<void(const Error&)> trouble;
};

class HandoverLink : public std::enable_shared_from_this<HandoverLink> {
public:
    HandoverLink(boost::asio::io_context& io, HandoverLinkOptions options);

    void start(HandoverListener listener);
    void stop();

    // Nothing happens without a connection. One that takes no more is ended, a little later.
    void send(const handover::Message& message);

private:
    void connect_after(std::chrono::milliseconds delay);
    void connect();
    Result<void> adopt(handover::Channel channel);
    void await();
    void read();
    std::optional<Error> read_one(bool& more);
    void end(const Error& why);
    void connect_later();
    void tell(const Error& trouble);

    const HandoverLinkOptions options_;
    HandoverListener listener_;
    std::optional<handover::Channel> channel_;
    boost::asio::posix::stream_descriptor readable_;  // the same socket under a number that Asio may close
    boost::asio::steady_timer retry_;
    std::chrono::milliseconds delay_;
    std::chrono::steady_clock::time_point connected_{};
    std::optional<Error> send_failed_;
    std::optional<Errc> told_;
    bool running_ = false;
};

}  // namespace wcmp::drives
