#include "daemon.h"

#include "api/server.h"
#include "build_info.h"
#include "drive_sources.h"
#include "io/posix.h"
#include "io/system_clock.h"
#include "io/volatile_storage.h"
#include "log/log.h"
#include "next_start.h"
#include "node/node.h"
#include "service/activation.h"
#include "service/exit_codes.h"
#include "service/log_setup.h"
#include "service/supervision.h"

#include <csignal>
#include <cstdlib>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

namespace wcmp::daemon {

namespace {

namespace asio = boost::asio;

// A drive that does not answer may hold a worker for ever; the journal is durable, so the process may go.
constexpr auto stop_time_max = std::chrono::seconds(25);
constexpr auto status_every = std::chrono::seconds(10);

class Daemon {
public:
    Daemon(const Defaults& defaults, const Overrides& overrides, const settings::Settings& settings)
        : defaults_(defaults),
          overrides_(overrides),
          settings_(settings),
          supervision_(io_),
          signals_(io_, SIGTERM, SIGINT, SIGHUP),
          status_(io_),
          stop_(io_),
          sources_(io_, defaults.service, supervision_.is_heard(), settings) {}

    int run() {
        if (const auto code = start(); code != 0) return code;
        wait_for_signal();
        log::info("wcmpd " + version() + " is ready");
        supervision_.ready(node_->summary());
        tell_status();
        io_.run();
        log::info("wcmpd has stopped");
        return exit_code_;
    }

private:
    int start();
    int open_node();
    Result<void> open_server();
    void wait_for_signal();
    void reload();
    void tell_status();
    void stop(int code);
    void one_has_stopped();

    Defaults defaults_;
    Overrides overrides_;
    settings::Settings settings_;
    io::SystemClock clock_;
    io::SystemRandom random_;
    asio::io_context io_{1};
    Supervision supervision_;
    asio::signal_set signals_;
    asio::steady_timer status_;
    asio::steady_timer stop_;
    DriveSources sources_;
    std::unique_ptr<node::Node> node_;
    std::unique_ptr<api::Server> server_;
    int still_running_ = 2;  // the server and the node
    bool stopping_ = false;
    int exit_code_ = 0;
};

int Daemon::start() {
    if (const auto code = open_node(); code != 0) return code;
    if (const auto opened = open_server(); !opened) {
        log::error(settings_.api.socket.string() + ": the API's socket cannot be opened: " +
                   describe(opened.error()) + "; --socket and api.socket name another");
        return exit_unavailable;
    }
    sources_.add_to(*node_);
    return 0;
}

int Daemon::open_node() {
    auto directory = io::open_or_make_directory(settings_.store.path);
    if (!directory) {
        log::error(settings_.store.path.string() + ": the store's folder cannot be opened: " +
                   describe(directory.error()) + "; --store and store.path name another");
        return exit_unavailable;
    }
    auto node = node::Node::open(
        {io_, clock_, random_}, std::move(*directory), settings_,
        {.service = to_string(defaults_.service),
         .version = version(),
         .build_day = build_day(),
         .exit = [this](int code) { stop(code); },
         .show_light = [this](drives::Light light) { sources_.show(light); },
         .store_is_volatile = io::is_on_volatile_storage(settings_.store.path).value_or(false),
         .sysfs = "/sys"});
    if (!node) {
        log::error(settings_.store.path.string() + ": " +
                   (node.error().code == Errc::busy
                        ? "another wcmpd owns this store, or `wcmp store` works in it: stop it, or name "
                          "another with --store or store.path"
                        : "the store cannot be opened: " + describe(node.error()) +
                              "; --store and store.path name another"));
        return exit_unavailable;
    }
    node_ = std::move(*node);
    return 0;
}

Result<void> Daemon::open_server() {
    WCMP_ASSIGN(const auto passed, passed_socket());
    if (passed) {
        WCMP_ASSIGN(server_, api::Server::adopt(io_, *node_, *passed));
        return {};
    }
    const auto& path = settings_.api.socket;
    if (path.has_parent_path()) WCMP_TRY(io::open_or_make_directory(path.parent_path()));
    const auto access = defaults_.service == ServiceKind::system ? api::Access::group : api::Access::user;
    WCMP_ASSIGN(server_, api::Server::listen(io_, *node_, path, access));
    return {};
}

void Daemon::wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
        if (error) return;
        if (signal == SIGHUP)
            reload();
        else
            stop(0);
        wait_for_signal();
    });
}

void Daemon::reload() {
    if (stopping_) return;
    supervision_.reloading();
    auto loaded = load_settings(defaults_, overrides_);
    if (!loaded) {
        log::warning("the settings in force stay: " + loaded.error().text());
    } else {
        if (const auto names = keep_until_next_start(settings_, *loaded); !names.empty())
            log::warning("changed, but only from the next start on: " + names);
        settings_ = std::move(*loaded);
        set_log_level(settings_.log.level);
        node_->reload(settings_);
        sources_.configure(settings_);
        log::info("the settings were read again");
    }
    supervision_.ready(node_->summary());
}

void Daemon::tell_status() {
    supervision_.status(node_->summary());
    status_.expires_after(status_every);
    status_.async_wait([this](const boost::system::error_code& error) {
        if (!error) tell_status();
    });
}

void Daemon::stop(int code) {
    if (std::exchange(stopping_, true)) return;
    exit_code_ = code;
    supervision_.stopping();
    stop_.expires_after(stop_time_max);
    stop_.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        log::warning("a drive does not answer; what was acknowledged is safe");
        std::_Exit(exit_code_);
    });
    server_->stop([this] { one_has_stopped(); });
    node_->stop([this] { one_has_stopped(); });
}

void Daemon::one_has_stopped() {
    if (--still_running_ == 0) io_.stop();
}

}  // namespace

int run(const Defaults& defaults, const Overrides& overrides, const settings::Settings& settings) {
    return Daemon(defaults, overrides, settings).run();
}

}  // namespace wcmp::daemon
