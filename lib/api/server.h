// The local API: HTTP/1.1 over a Unix stream socket, for everything that API.md lists.
//
// Single-threaded: everything happens on the thread that runs the given io_context, which is the node's.
// Order of lifetimes: the io_context outlives the service, the service outlives the server's connections; so
// stop() and let the context run until `done`, or run out, before the service goes.
#pragma once

#include "api/options.h"
#include "core/error.h"
#include "node/service.h"

#include <filesystem>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace wcmp::api {

// Who may connect, apart from root.
enum class Access : std::uint8_t {
    user,   // 0600: who the daemon runs as
    group,  // 0660: and the socket's group
};

class Server {
public:
    // Makes the socket and accepts. Errors as in socket_file.h: busy, denied, invalid, exists, io.
    static Result<std::unique_ptr<Server>> listen(boost::asio::io_context& context, node::Service& service,
                                                  const std::filesystem::path& path, Access access,
                                                  const Options& options = {});

    // Accepts on a listening descriptor (socket activation), which becomes the server's.
    static Result<std::unique_ptr<Server>> adopt(boost::asio::io_context& context, node::Service& service,
                                                 int descriptor, const Options& options = {});

    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();  // closes what is still open at once

    // Accepts no more, answers what is in flight, then calls `done`, at the latest after Options::stop_time.
    void stop(std::move_only_function<void()> done);

private:
    class Listener;
    explicit Server(std::shared_ptr<Listener> listener);

    std::shared_ptr<Listener> listener_;
};

}  // namespace wcmp::api
