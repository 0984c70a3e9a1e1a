// One client of the handover socket, as the io_context sees it.
#pragma once

#include "drives/handover.h"

#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace wcmp::mountd {

class Connection : public std::enable_shared_from_this<Connection> {
public:
    struct Listener {
        std::function<void(const drives::handover::Message&)> received;
        std::function<void(const Error&)> ended;  // the last that is told; not after close()
    };

    Connection(boost::asio::io_context& io, drives::handover::Channel channel);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    void start(Listener listener);
    // What cannot be sent ends the connection; that is told later, not from inside.
    void send(const drives::handover::Message& message, int descriptor = -1);
    void close();

private:
    void await();
    void take_all();
    void end(const Error& error);

    boost::asio::posix::stream_descriptor readiness_;  // does not own the descriptor
    std::optional<drives::handover::Channel> channel_;
    Listener listener_;
};

}  // namespace wcmp::mountd
