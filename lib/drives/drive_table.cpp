#include "drives/drive_table.h"

#include <algorithm>

namespace wcmp::drives {

std::uint64_t DriveTable::turns(const std::filesystem::path& path) const {
    const std::scoped_lock guard(mutex_);
    const auto found = drives_.find(path);
    return found == drives_.end() ? 0 : found->second.turns;
}

std::optional<DriveId> DriveTable::drive_at(const std::filesystem::path& path) const {
    const std::scoped_lock guard(mutex_);
    const auto found = drives_.find(path);
    return found == drives_.end() ? std::nullopt : std::optional(found->second.id);
}

std::vector<Report> DriveTable::update(const std::vector<Look>& looks) {
    const std::scoped_lock guard(mutex_);
    std::vector<Report> reports;
    remove_missing(looks, reports);
    for (const auto& look : looks)
        if (look.found) update_one(look, reports);
    return reports;
}

void DriveTable::remove_missing(const std::vector<Look>& looks, std::vector<Report>& reports) {
    std::erase_if(drives_, [&](const auto& entry) {
        const auto& drive = entry.second;
        const WatchedDirectory watched{entry.first, drive.shared};
        const auto stays = std::ranges::any_of(looks, [&](const Look& look) {
            return look.directory == watched && look.found && look.found->identity == drive.identity;
        });
        if (!stays) reports.emplace_back(DriveRemoved{drive.id});
        return !stays;
    });
}

void DriveTable::update_one(const Look& look, std::vector<Report>& reports) {
    const auto [entry, is_new] = drives_.try_emplace(look.directory.path);
    auto& drive = entry->second;
    if (is_new) {
        drive = {.id = numbers_.next(),
                 .shared = look.directory.shared,
                 .identity = look.found->identity,
                 .names = look.found->names,
                 .turns = 0,
                 .visit = nullptr};
        reports.emplace_back(DriveAdded{.id = drive.id,
                                        .kind = Kind::directory,
                                        .file_system = look.found->file_system,
                                        .shared = drive.shared});
        return;
    }
    if (drive.visit || drive.turns != look.turns || drive.names == look.found->names) return;
    drive.names = look.found->names;
    reports.emplace_back(DriveChanged{drive.id});
}

DriveTable::Drive* DriveTable::find(DriveId id) {
    const auto found =
        std::ranges::find_if(drives_, [&](const auto& entry) { return entry.second.id == id; });
    return found == drives_.end() ? nullptr : &found->second;
}

Result<DriveTable::Place> DriveTable::place(DriveId id) const {
    const std::scoped_lock guard(mutex_);
    for (const auto& [path, drive] : drives_)
        if (drive.id == id) return Place{path, drive.identity};
    return fail(Errc::not_found, "the drive has gone");
}

void DriveTable::visit_begins(DriveId id, std::shared_ptr<Recorder> recorder) {
    const std::scoped_lock guard(mutex_);
    auto* drive = find(id);
    if (drive == nullptr) return;
    ++drive->turns;
    drive->visit = std::move(recorder);
}

bool DriveTable::visit_ends(DriveId id, const std::optional<Names>& names) {
    const std::scoped_lock guard(mutex_);
    auto* drive = find(id);
    if (drive == nullptr || !drive->visit) return false;
    const auto expected = std::exchange(drive->visit, nullptr)->names();
    ++drive->turns;
    drive->names = names;
    return names && *names != expected;
}

}  // namespace wcmp::drives
