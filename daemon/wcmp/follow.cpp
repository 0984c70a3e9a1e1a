#include "follow.h"

#include "advice.h"
#include "client/event_stream.h"
#include "client/places.h"
#include "drive_lines.h"
#include "exit_codes.h"
#include "json_fields.h"
#include "notification.h"
#include "show.h"

#include <chrono>
#include <iostream>
#include <map>
#include <thread>

#include <boost/json/object.hpp>

namespace wcmp::program {
namespace {

namespace json = boost::json;
using std::chrono::steady_clock;

constexpr std::chrono::seconds between_progress_lines{1};
constexpr std::chrono::seconds between_tries{1};

class Follower {
public:
    Follower(Session& session, bool notifies)
        : session_(session),
          socket_(client::choose_socket(session.options.socket, client::surroundings())),
          notifies_(notifies) {}

    Done run() {
        WCMP_TRY(begin());
        for (;;) {
            auto event = stream_->next();
            if (event)
                WCMP_TRY(show(*event));
            else if (event.error().code == Errc::remote)
                wait_for_relay();
            else
                return std::unexpected(event.error());
            std::cout.flush();
            if (!std::cout) return refuse(exit_nothing, "cannot write to standard output");
        }
    }

private:
    // The stream first, so that nothing falls between it and the list.
    Outcome<void> begin() {
        auto& relay = session_.relay();
        auto stream = client::EventStream::open(socket_);
        if (!stream) return std::unexpected(stream.error());
        stream_.emplace(std::move(*stream));
        WCMP_ASSIGN(const auto drives, relay.get("/v1/drives"));
        if (session_.options.json) print(json::object{{"type", "drives"}, {"drives", drives}});
        kinds_.clear();
        for (const auto& drive : items(drives, {})) {
            kinds_[text(drive, {"id"})] = text(drive, {"kind"});
            if (!session_.options.json) std::cout << line_of_drive(drive) << '\n';
        }
        std::cout.flush();
        return {};
    }

    // Nothing tells that a relay has begun to listen: it is asked.
    void wait_for_relay() {
        std::cerr << "wcmp: the relay has gone; waiting until it is back\n";
        for (;;) {
            std::this_thread::sleep_for(between_tries);
            if (begin()) return;
        }
    }

    Outcome<void> show(const json::value& event) {
        const auto type = text(event, {"type"});
        if (type == "heartbeat") return {};
        if (session_.options.json) print(event);
        if (type == "warning") return show_warning(text(event, {"code"}));
        if (!type.starts_with("drive.")) return {};
        const auto id = text(event, {"drive"});
        if (type == "drive.added") kinds_[id] = text(event, {"kind"});
        if (type == "drive.syncing") {
            show_progress(id, event);
            return {};
        }
        phase_.erase(id);
        return show_state(id, state_in(type, event), event);
    }

    static std::string state_in(const std::string& type, const json::value& event) {
        if (type == "drive.added" || type == "drive.state") return text(event, {"state"});
        if (type == "drive.failed" && text(event, {"code"}) == "unprepared") return "unprepared";
        return type.substr(std::string_view("drive.").size());
    }

    void show_progress(const std::string& id, const json::value& event) {
        if (session_.options.json) return;
        auto& [phase, shown] = phase_[id];
        const auto now = steady_clock::now();
        if (phase == text(event, {"phase"}) && now - shown < between_progress_lines) return;
        phase = text(event, {"phase"});
        shown = now;
        std::string words(what_to_do("busy", kinds_[id]));
        words += (words.empty() ? "" : ": ") + phase;
        if (const auto total = number(event, {"total_bytes"}); total > 0)
            words += " " + size_text(number(event, {"done_bytes"})) + " of " + size_text(total);
        std::cout << column(id, 6) << ' ' << column("busy", 11) << ' ' << words << '\n';
    }

    Outcome<void> show_state(const std::string& id, const std::string& state, const json::value& event) {
        const std::string to_do(what_to_do(state, kinds_[id]));
        std::string came_of_it;
        if (state == "done" || state == "failed") came_of_it = counts_text(event);
        if (const auto why = text(event, {"detail"}); why != "-" && state != "unprepared")
            came_of_it += ": " + why;
        const auto joined = to_do + (to_do.empty() || came_of_it.empty() ? "" : ": ") + came_of_it;
        if (!session_.options.json)
            std::cout << column(id, 6) << ' ' << column(state, 11) << ' ' << joined << '\n';
        const bool is_for_people =
            state != "busy" && state != "empty" && (!to_do.empty() || state == "failed");
        if (!notifies_ || !is_for_people) return {};
        const auto title = "Drive " + id + ": " + (state == "done" ? "take it" : state);
        return notify(title, state == "done" ? came_of_it : joined, state != "done");
    }

    Outcome<void> show_warning(const std::string& code) {
        if (!session_.options.json) std::cout << "warning " << with_advice(code) << '\n';
        if (!notifies_ || code == "no_cover") return {};
        return notify("The relay needs attention", with_advice(code), true);
    }

    struct Shown {
        std::string phase;
        steady_clock::time_point when;
    };

    Session& session_;
    std::filesystem::path socket_;
    bool notifies_;
    std::optional<client::EventStream> stream_;
    std::map<std::string, std::string> kinds_;  // by the drive's id
    std::map<std::string, Shown> phase_;
};

}  // namespace

Done follow_drives(Session& session, bool notifies) {
    if (notifies) WCMP_TRY(check_notifications());
    return Follower(session, notifies).run();
}

}  // namespace wcmp::program
