// One accepted connection: HTTP/1.1 on it, request after request, until either side has enough.
#pragma once

#include "api/admission.h"
#include "api/options.h"
#include "api/problem.h"
#include "node/service.h"

#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/local/stream_protocol.hpp>

namespace wcmp::api {

// What all connections of one server share.
struct Context {
    node::Service& service;
    Options options;
    bool stopping = false;
};

class Connection {
public:
    virtual ~Connection() = default;

    // Context::stopping has become true: ends when what is in flight is answered.
    virtual void stop() = 0;
    // Ends at once.
    virtual void close() = 0;
};

// Serves the socket, or, given a refusal, answers with that and nothing else. `ended` is called from the
// event loop, once.
std::shared_ptr<Connection> start_connection(boost::asio::local::stream_protocol::socket socket,
                                             std::shared_ptr<const Context> context, const Peer& peer,
                                             std::optional<Problem> refusal,
                                             std::move_only_function<void()> ended);

}  // namespace wcmp::api
