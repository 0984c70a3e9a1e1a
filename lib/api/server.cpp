#include "api/server.h"

#include "api/admission.h"
#include "api/connection.h"
#include "api/socket_file.h"

#include <map>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/socket.h>
#include <unistd.h>

namespace wcmp::api {
namespace {

namespace asio = boost::asio;
using Socket = asio::local::stream_protocol::socket;

// How many that are turned away are told so at one time; the rest see their connection closed.
constexpr std::size_t refusals_max = 16;

// Integers from the kernel, never text.
std::optional<Peer> peer_of(Socket& socket) {
    ucred credentials{};
    socklen_t length = sizeof credentials;
    if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0)
        return std::nullopt;
    return Peer{.uid = credentials.uid,
                .is_operator = credentials.uid == 0 || credentials.uid == ::geteuid()};
}

}  // namespace

class Server::Listener : public std::enable_shared_from_this<Listener> {
public:
    Listener(Acceptor acceptor, node::Service& service, const Options& options)
        : acceptor_(std::move(acceptor)),
          timer_(acceptor_.get_executor()),
          admission_(options),
          context_(std::make_shared<Context>(Context{.service = service, .options = options})) {}

    void owns(std::filesystem::path path) {
        inode_ = inode_of(path);
        path_ = std::move(path);
    }

    void accept();
    void stop(std::move_only_function<void()> done);
    void close();

private:
    void accepted(const boost::system::error_code& error, Socket socket);
    void pause();
    void serve(Socket socket, const Peer& peer);
    void refuse(Socket socket, const Peer& peer, Problem problem);
    void add(Socket socket, const Peer& peer, std::optional<Problem> refusal,
             std::move_only_function<void()> ended);
    void close_acceptor();
    void report_if_done();

    Acceptor acceptor_;
    asio::steady_timer timer_;  // a pause in accepting, then the time to stop
    Admission admission_;
    std::shared_ptr<Context> context_;
    std::map<std::uint64_t, std::shared_ptr<Connection>> connections_;
    std::uint64_t next_ = 0;
    std::size_t refusals_ = 0;
    std::filesystem::path path_;  // empty: somebody else's
    ino_t inode_ = 0;
    std::move_only_function<void()> done_;
};

void Server::Listener::accept() {
    acceptor_.async_accept(
        [self = shared_from_this()](const boost::system::error_code& error, Socket socket) {
            self->accepted(error, std::move(socket));
        });
}

void Server::Listener::accepted(const boost::system::error_code& error, Socket socket) {
    if (!acceptor_.is_open()) return;
    // No descriptors or memory left: the client waits in the queue, and what runs here may give some back.
    if (error && error != asio::error::connection_aborted && error != asio::error::interrupted)
        return pause();
    const auto peer = error ? std::nullopt : peer_of(socket);
    if (peer) {
        if (auto refusal = admission_.enter(*peer))
            refuse(std::move(socket), *peer, std::move(*refusal));
        else
            serve(std::move(socket), *peer);
    }
    accept();
}

void Server::Listener::pause() {
    timer_.expires_after(context_->options.accept_pause);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (!error && self->acceptor_.is_open()) self->accept();
    });
}

void Server::Listener::serve(Socket socket, const Peer& peer) {
    add(std::move(socket), peer, std::nullopt, [this, peer] { admission_.leave(peer); });
}

void Server::Listener::refuse(Socket socket, const Peer& peer, Problem problem) {
    if (refusals_ >= refusals_max) return;
    ++refusals_;
    add(std::move(socket), peer, std::move(problem), [this] { --refusals_; });
}

void Server::Listener::add(Socket socket, const Peer& peer, std::optional<Problem> refusal,
                           std::move_only_function<void()> ended) {
    const auto number = next_++;
    connections_[number] =
        start_connection(std::move(socket), context_, peer, std::move(refusal),
                         [self = shared_from_this(), number, ended = std::move(ended)]() mutable {
                             ended();
                             self->connections_.erase(number);
                             self->report_if_done();
                         });
}

void Server::Listener::stop(std::move_only_function<void()> done) {
    done_ = std::move(done);
    context_->stopping = true;
    close_acceptor();
    for (const auto& [number, connection] : connections_) connection->stop();
    timer_.expires_after(context_->options.stop_time);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (!error) self->close();
    });
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] { self->report_if_done(); });
}

void Server::Listener::report_if_done() {
    if (!context_->stopping || !connections_.empty() || !done_) return;
    timer_.cancel();
    std::exchange(done_, nullptr)();
}

void Server::Listener::close_acceptor() {
    if (!acceptor_.is_open()) return;
    if (!path_.empty()) remove_socket(path_, inode_);
    boost::system::error_code ignored;
    acceptor_.close(ignored);
}

void Server::Listener::close() {
    context_->stopping = true;
    close_acceptor();
    timer_.cancel();
    for (const auto& [number, connection] : connections_) connection->close();
}

Result<std::unique_ptr<Server>> Server::listen(asio::io_context& context, node::Service& service,
                                               const std::filesystem::path& path, Access access,
                                               const Options& options) {
    WCMP_ASSIGN(auto acceptor,
                listen_at(context.get_executor(), path, access == Access::group ? 0660 : 0600));
    auto listener = std::make_shared<Listener>(std::move(acceptor), service, options);
    listener->owns(path);
    return std::unique_ptr<Server>(new Server(std::move(listener)));
}

Result<std::unique_ptr<Server>> Server::adopt(asio::io_context& context, node::Service& service,
                                              int descriptor, const Options& options) {
    WCMP_ASSIGN(auto acceptor, adopt_listening(context.get_executor(), descriptor));
    return std::unique_ptr<Server>(
        new Server(std::make_shared<Listener>(std::move(acceptor), service, options)));
}

Server::Server(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) {
    listener_->accept();
}

Server::~Server() {
    listener_->close();
}

void Server::stop(std::move_only_function<void()> done) {
    listener_->stop(std::move(done));
}

}  // namespace wcmp::api
