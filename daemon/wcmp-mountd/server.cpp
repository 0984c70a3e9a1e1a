#include "server.h"

#include "connection.h"
#include "core/limits.h"
#include "log/log.h"

#include <algorithm>
#include <map>
#include <set>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <sys/socket.h>

namespace wcmp::mountd {

namespace asio = boost::asio;
using boost::system::error_code;
using drives::Device;
using drives::DeviceKey;
using drives::Light;
using drives::handover::Channel;
using drives::handover::Message;
using drives::handover::What;

class Server::Implementation : public std::enable_shared_from_this<Implementation> {
public:
    Implementation(asio::io_context& io, io::UniqueFd listening, drives::Devices& devices,
                   ServerOptions options, ServerListener listener)
        : io_(io),
          devices_(devices),
          options_(options),
          listener_(std::move(listener)),
          listening_(std::move(listening)),
          arrivals_(io),
          pause_(io),
          stop_(io) {}

    Result<void> start();
    void stop(std::function<void()> stopped);
    void abandon();
    std::string_view status() const;

private:
    using Drives = std::map<std::uint32_t, std::shared_ptr<Drive>>;

    drives::DeviceListener device_listener();
    void found(const Device& device);
    bool is_one_too_many();
    void changed(const Device& device);
    void gone(const DeviceKey& key);
    void disqualified(const DeviceKey& key);
    void remove_disqualified();
    void unknown_system(std::string_view why);
    void show(Light light);
    void settled();
    Drives::iterator find(const DeviceKey& key);

    void await_client();
    void pause_accepting();
    void accept_all();
    void check(Channel channel);
    void serve(Channel channel);
    void lost(const Error& error);
    void disconnect();
    void received(const Message& message);
    void mount(std::uint32_t number);
    void release(std::uint32_t number);
    void tell(const Message& message, int descriptor);

    bool any_held() const;
    void drive_changed();
    void finish();

    asio::io_context& io_;
    drives::Devices& devices_;
    const ServerOptions options_;
    ServerListener listener_;
    io::UniqueFd listening_;
    asio::posix::stream_descriptor arrivals_;  // does not own the descriptor
    asio::steady_timer pause_;
    asio::steady_timer stop_;
    Drives drives_;
    std::uint32_t last_number_ = 0;
    bool settled_ = false;
    bool told_too_many_ = false;
    std::set<std::uint32_t> disqualified_;  // and still held
    std::string_view unknown_system_;
    Light light_ = Light::attention;
    std::shared_ptr<Connection> client_;
    std::function<void()> stopped_;
    bool stopping_ = false;
    bool abandoned_ = false;
};

Result<void> Server::Implementation::start() {
    error_code failed;
    arrivals_.assign(listening_.get(), failed);
    if (failed) return std::unexpected(error_from_errno("cannot watch the socket", failed.value()));
    WCMP_TRY(devices_.start(device_listener()));
    show(Light::attention);
    await_client();
    return {};
}

drives::DeviceListener Server::Implementation::device_listener() {
    const auto guarded = [weak = weak_from_this()](auto member) {
        return [weak, member](const auto&... told) {
            if (const auto self = weak.lock()) (*self.*member)(told...);
        };
    };
    drives::DeviceListener told;
    told.found = guarded(&Implementation::found);
    told.changed = guarded(&Implementation::changed);
    told.gone = guarded(&Implementation::gone);
    told.disqualified = guarded(&Implementation::disqualified);
    told.unknown_system = guarded(&Implementation::unknown_system);
    told.settled = guarded(&Implementation::settled);
    told.wanted = [weak = weak_from_this()](const DeviceKey& key) {
        const auto self = weak.lock();
        if (!self) return;
        if (const auto at = self->find(key); at != self->drives_.end()) at->second->give_back();
    };
    return told;
}

Server::Implementation::Drives::iterator Server::Implementation::find(const DeviceKey& key) {
    return std::ranges::find_if(drives_, [&](const auto& entry) { return entry.second->key() == key; });
}

void Server::Implementation::found(const Device& device) {
    if (const auto again = find(device.key); again != drives_.end()) {
        disqualified_.erase(again->first);
        return again->second->update(device);
    }
    if (stopping_ || is_one_too_many()) return;
    const auto number = ++last_number_;
    const DriveListener told{.tell =
                                 [weak = weak_from_this()](const Message& message, int descriptor) {
                                     if (const auto self = weak.lock()) self->tell(message, descriptor);
                                 },
                             .changed =
                                 [weak = weak_from_this()] {
                                     if (const auto self = weak.lock()) self->drive_changed();
                                 }};
    const auto drive = std::make_shared<Drive>(io_, number, device, options_.user, options_.times, told);
    drives_.emplace(number, drive);
    drive->announce();
}

// One device can claim to be hundreds. Said once: it may do so again and again.
bool Server::Implementation::is_one_too_many() {
    if (drives_.size() < limits::drives_told_max) return false;
    if (!std::exchange(told_too_many_, true))
        log::warning("there are more drives than the " + std::to_string(limits::drives_told_max) +
                     " that are used at a time; the others are used when they are plugged in again");
    return true;
}

void Server::Implementation::changed(const Device& device) {
    if (const auto at = find(device.key); at != drives_.end()) at->second->update(device);
}

void Server::Implementation::gone(const DeviceKey& key) {
    const auto at = find(key);
    if (at == drives_.end()) return;
    tell({.what = What::gone, .drive = at->first}, -1);
    disqualified_.erase(at->first);
    drives_.erase(at);
    drive_changed();
}

// What the relay has mounted has not gone as long as it is mounted: it is asked for first.
void Server::Implementation::disqualified(const DeviceKey& key) {
    const auto at = find(key);
    if (at == drives_.end()) return;
    if (!at->second->held()) return gone(key);
    disqualified_.insert(at->first);
    at->second->give_back();
}

void Server::Implementation::remove_disqualified() {
    for (const auto number : std::set(disqualified_)) {
        const auto drive = drives_.at(number);
        if (!drive->held()) gone(drive->key());
    }
}

void Server::Implementation::unknown_system(std::string_view why) {
    if (why.empty())
        log::info("the disks of the system are known again, and drives are used");
    else
        log::warning(why);
    unknown_system_ = why;
    show(light_);
    listener_.status_changed();
}

// The light says that the relay needs somebody, whatever wcmpd, which sees no drives, thinks of it.
void Server::Implementation::show(Light light) {
    light_ = light;
    listener_.light(unknown_system_.empty() ? light : Light::attention);
}

void Server::Implementation::settled() {
    settled_ = true;
    tell({.what = What::announced}, -1);
}

void Server::Implementation::await_client() {
    arrivals_.async_wait(asio::posix::descriptor_base::wait_read,
                         [weak = weak_from_this()](const error_code& failed) {
                             const auto self = weak.lock();
                             if (self && !failed && !self->stopping_) self->accept_all();
                         });
}

void Server::Implementation::accept_all() {
    for (;;) {
        io::UniqueFd socket(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (socket)
            check(Channel(std::move(socket)));
        else if (errno == EAGAIN)
            return await_client();
        else if (errno != EINTR && errno != ECONNABORTED)
            return pause_accepting();
    }
}

// Out of descriptors or memory: the client still waits, so the socket would be ready again at once.
void Server::Implementation::pause_accepting() {
    log::warning(describe(error_from_errno("a connection cannot be taken; trying again", errno)));
    pause_.expires_after(std::chrono::seconds(1));
    pause_.async_wait([weak = weak_from_this()](const error_code& failed) {
        const auto self = weak.lock();
        if (self && !failed && !self->stopping_) self->await_client();
    });
}

void Server::Implementation::check(Channel channel) {
    const auto peer = channel.peer();
    if (peer && *peer == options_.user.uid) return serve(std::move(channel));
    log::warning(peer ? "somebody who is not the relay's user connected, and was turned away"
                      : describe(peer.error()));
}

void Server::Implementation::serve(Channel channel) {
    // A newer one takes over: the older is a relay that was replaced, or hangs.
    disconnect();
    client_ = std::make_shared<Connection>(io_, std::move(channel));
    client_->start({.received =
                        [weak = weak_from_this()](const Message& message) {
                            if (const auto self = weak.lock()) self->received(message);
                        },
                    .ended =
                        [weak = weak_from_this(), which = std::weak_ptr(client_)](const Error& error) {
                            const auto self = weak.lock();
                            if (self && self->client_ == which.lock()) self->lost(error);
                        }});
    for (const auto& [number, drive] : drives_) drive->announce();
    if (settled_) tell({.what = What::announced}, -1);
    show(Light::idle);
    listener_.status_changed();
}

void Server::Implementation::lost(const Error& error) {
    if (error.code != Errc::not_found) log::warning("the connection to wcmpd was ended: " + describe(error));
    disconnect();
    show(Light::attention);
    drive_changed();
}

void Server::Implementation::disconnect() {
    if (!client_) return;
    client_->close();
    client_.reset();
    for (const auto& [number, drive] : drives_) drive->forsake();
}

void Server::Implementation::received(const Message& message) {
    switch (message.what) {
    case What::mount: return mount(message.drive);
    case What::release: return release(message.drive);
    case What::show: return show(message.light);
    case What::drive:
    case What::gone:
    case What::announced:
    case What::mounted:
    case What::not_mounted:
    case What::released:
    case What::still_in_use:
    case What::give_back: return lost({Errc::invalid, "it sent what only wcmp-mountd may send", 0});
    }
}

void Server::Implementation::mount(std::uint32_t number) {
    const auto at = drives_.find(number);
    if (at == drives_.end() || stopping_ || disqualified_.contains(number))
        return tell({.what = What::not_mounted, .drive = number}, -1);
    at->second->mount();
}

void Server::Implementation::release(std::uint32_t number) {
    // One that is not there has been told as gone: nobody waits for its release.
    if (const auto at = drives_.find(number); at != drives_.end()) at->second->release();
}

void Server::Implementation::tell(const Message& message, int descriptor) {
    if (client_) client_->send(message, descriptor);
}

bool Server::Implementation::any_held() const {
    return std::ranges::any_of(drives_, [](const auto& entry) { return entry.second->held(); });
}

void Server::Implementation::drive_changed() {
    listener_.status_changed();
    // Not from inside: a drive is telling this, or the list of drives is being gone through.
    if (!disqualified_.empty())
        asio::post(io_, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->remove_disqualified();
        });
    if (stopping_ && !any_held())
        asio::post(io_, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->finish();
        });
}

void Server::Implementation::stop(std::function<void()> stopped) {
    if (std::exchange(stopping_, true)) return;
    stopped_ = std::move(stopped);
    arrivals_.cancel();
    pause_.cancel();
    for (const auto& [number, drive] : drives_) drive->give_back();
    drive_changed();
    stop_.expires_after(options_.times.give_back);
    stop_.async_wait([weak = weak_from_this()](const error_code& failed) {
        const auto self = weak.lock();
        if (!self || failed) return;
        if (self->any_held()) log::warning("a drive is still in use; wcmpd holds it until it closes it");
        self->finish();
    });
}

void Server::Implementation::finish() {
    const auto stopped = std::exchange(stopped_, {});
    if (!stopped) return;
    stop_.cancel();
    abandon();
    stopped();
}

void Server::Implementation::abandon() {
    if (std::exchange(abandoned_, true)) return;
    if (arrivals_.is_open()) arrivals_.release();
    if (client_) client_->close();
    client_.reset();
    drives_.clear();
    disqualified_.clear();
    devices_.stop();
}

std::string_view Server::Implementation::status() const {
    if (stopping_) return any_held() ? "stopping; waiting for a drive that is in use" : "stopping";
    if (!unknown_system_.empty()) return unknown_system_;
    if (!client_) return "wcmpd is not connected";
    if (std::ranges::any_of(drives_, [](const auto& entry) { return entry.second->overdue(); }))
        return "a drive is in use, though it was asked for";
    return "wcmpd is connected";
}

Server::Server(asio::io_context& io, io::UniqueFd listening, drives::Devices& devices, ServerOptions options,
               ServerListener listener)
    : implementation_(std::make_shared<Implementation>(io, std::move(listening), devices, options,
                                                       std::move(listener))) {}

Server::~Server() {
    implementation_->abandon();
}

Result<void> Server::start() {
    return implementation_->start();
}

void Server::stop(std::function<void()> stopped) {
    implementation_->stop(std::move(stopped));
}

std::string_view Server::status() const {
    return implementation_->status();
}

}  // namespace wcmp::mountd
