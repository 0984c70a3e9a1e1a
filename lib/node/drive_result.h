// What came of a visit, in the words of the API.
#pragma once

#include "node/event_log.h"
#include "node/service.h"
#include "sync/visit.h"

namespace wcmp::node {

std::string_view phase_name(sync::Phase phase);

// By rule and by class; what is zero is left out.
std::vector<Counted> refused_counts(const sync::VisitResult& result);
std::vector<Counted> invalid_counts(const sync::VisitResult& result);

// What a person can do about it. A fixed text for each code.
std::string_view drive_error_text(Errc code);

DriveInfo::Result drive_result(const sync::VisitResult& result, const std::optional<Error>& error);

// What ended a visit that no Errc says.
enum class Ending : std::uint8_t {
    took_too_long,
    read_too_much,
    not_answering,
    directory_silent,
    still_in_use
};
inline constexpr std::size_t ending_count = 5;
void say(DriveInfo::Result& result, Ending ending);

// Appends the counts of a result to an event.
void append_counts(EventText& event, const DriveInfo::Result& result);

}  // namespace wcmp::node
