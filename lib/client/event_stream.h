// The relay's events as they come (lib/api/API.md, "Events"), on a connection of their own, blocking.
#pragma once

#include "core/error.h"

#include <filesystem>
#include <memory>

#include <boost/json/value.hpp>

namespace wcmp::client {

class EventStream {
public:
    // What happens from now on. Errc::remote: no relay answers, or none that has events.
    static Result<EventStream> open(const std::filesystem::path& socket);
    EventStream(EventStream&&) noexcept;
    EventStream& operator=(EventStream&&) noexcept;
    EventStream(const EventStream&) = delete;
    EventStream& operator=(const EventStream&) = delete;
    ~EventStream();

    // The next event, heartbeats too. Errc::remote: the relay has gone, or was silent for longer than its
    // heartbeats allow.
    Result<boost::json::value> next();

private:
    struct State;
    explicit EventStream(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace wcmp::client
