#include "mountd.h"

#include "handover_socket.h"
#include "log/log.h"
#include "server.h"
#include "service/activation.h"
#include "service/exit_codes.h"
#include "service/supervision.h"
#include "signals.h"

#include <chrono>
#include <csignal>
#include <memory>
#include <optional>

#include <boost/asio/signal_set.hpp>
#include <pwd.h>

namespace wcmp::mountd {

namespace {

namespace asio = boost::asio;

std::optional<Owner> owner_named(const std::string& name) {
    const auto* entry = ::getpwnam(name.c_str());
    if (entry == nullptr) return std::nullopt;
    return Owner{entry->pw_uid, entry->pw_gid};
}

// A machine without a light is none in trouble.
Signals open_signals(const Options& options) {
    auto light = Led::open("/sys", options.lights, options.light_memory);
    if (!light) log::info("no light: " + describe(light.error()) + "; --led names one of /sys/class/leds");
    std::optional<Led> beeper;
    if (!options.beeper.empty()) {
        auto opened = Led::open("/sys", std::span(&options.beeper, 1), options.light_memory);
        if (opened)
            beeper = std::move(*opened);
        else
            log::warning("no beeper: " + describe(opened.error()) +
                         "; --buzzer names one of /sys/class/leds");
    }
    return {light ? std::optional<Led>(std::move(*light)) : std::nullopt, std::move(beeper)};
}

class Mountd {
public:
    Mountd(const Options& options, Owner user, asio::io_context& io, drives::Devices& devices)
        : options_(options),
          user_(user),
          io_(io),
          devices_(devices),
          supervision_(io),
          ends_(io, SIGTERM, SIGINT) {}

    int run();

private:
    Result<io::UniqueFd> listen() const;
    void show(drives::Light light);
    void tell_status();
    void wait_for_end();

    const Options& options_;
    const Owner user_;
    asio::io_context& io_;
    drives::Devices& devices_;
    daemon::Supervision supervision_;
    Signals signals_{{}, {}};
    asio::signal_set ends_;
    std::unique_ptr<Server> server_;
    bool light_failed_ = false;
};

Result<io::UniqueFd> Mountd::listen() const {
    WCMP_ASSIGN(const auto passed, daemon::passed_socket());
    if (passed) return adopt_listening(*passed);
    return listen_at(options_.socket, user_);
}

int Mountd::run() {
    auto listening = listen();
    if (!listening) {
        log::error(options_.socket.string() + ": the socket cannot be opened: " +
                   describe(listening.error()) + "; --socket names another");
        return daemon::exit_unavailable;
    }
    // Not before: another wcmp-mountd may have the light.
    signals_ = open_signals(options_);
    server_ = std::make_unique<Server>(io_, std::move(*listening), devices_,
                                       ServerOptions{.user = user_, .times = {}},
                                       ServerListener{.light = [this](drives::Light light) { show(light); },
                                                      .status_changed = [this] { tell_status(); }});
    if (const auto started = server_->start(); !started) {
        log::error("no drive can be used: " + describe(started.error()));
        return daemon::exit_unavailable;
    }
    wait_for_end();
    log::info("wcmp-mountd " + options_.version + " is ready");
    supervision_.ready(std::string(server_->status()));
    io_.run();
    if (const auto restored = signals_.restore(); !restored)
        log::debug("the light stays as it is: " + describe(restored.error()));
    log::info("wcmp-mountd has stopped");
    return 0;
}

void Mountd::show(drives::Light light) {
    const auto shown = signals_.show(light);
    if (!shown && !std::exchange(light_failed_, true))
        log::warning("the light does not show what it should: " + describe(shown.error()));
}

void Mountd::tell_status() {
    supervision_.status(std::string(server_->status()));
}

void Mountd::wait_for_end() {
    ends_.async_wait([this](const boost::system::error_code& error, int) {
        if (error) return;
        supervision_.stopping();
        server_->stop([this] { io_.stop(); });
        tell_status();
        wait_for_end();
    });
}

}  // namespace

int run(const Options& options, asio::io_context& io, drives::Devices& devices) {
    const auto user = owner_named(options.user);
    if (!user) {
        log::error("there is no user \"" + options.user +
                   "\": make one (systemd-sysusers does), or name the relay's with --user");
        return daemon::exit_config;
    }
    if (const auto may = may_mount(); !may) {
        log::error(describe(may.error()));
        return daemon::exit_unavailable;
    }
    return Mountd(options, *user, io, devices).run();
}

}  // namespace wcmp::mountd
