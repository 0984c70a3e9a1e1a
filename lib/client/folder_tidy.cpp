#include "client/folder_tidy.h"

#include "sync/drive_upkeep.h"

namespace wcmp::client {
namespace {

Result<std::uint64_t> count_bundles(const io::Directory& folder) {
    std::uint64_t count = 0;
    WCMP_TRY(folder.list([&](std::string_view name) { count += bundle::parse_name(name) ? 1 : 0; }));
    return count;
}

message::Today day_before(std::optional<Day> day) {
    return {.floor = Day{day && day->number > 0 ? day->number - 1 : 0}};
}

}  // namespace

bool holds_bundles(const io::Directory& folder) {
    const auto count = count_bundles(folder);
    return count && *count > 0;
}

Result<void> tidy_folder(io::Directory& folder, const FolderTidy& how, Random& random, TidyResult& result) {
    WCMP_ASSIGN(result.bundles_before, count_bundles(folder));
    sync::DriveMemory memory;
    const sync::VisitSettings settings{.shared = true, .memory = &memory};
    const auto today = day_before(how.day);
    auto done = sync::tidy_drive(folder, settings, today, random, how.on_progress, result.upkeep, how.stop);
    if (done && !result.upkeep.found_invalid.empty())
        done = sync::tidy_drive(folder, settings, today, random, how.on_progress, result.upkeep, how.stop);
    if (const auto count = count_bundles(folder)) result.bundles = *count;
    return done;
}

}  // namespace wcmp::client
