#include "sync/drive_bundles.h"

#include "sync/drive_salvage.h"

#include <algorithm>
#include <cerrno>

namespace wcmp::sync {
namespace {

// Errors that say that the drive takes no writing, and nothing about what is on it.
bool only_writing_failed(const Error& error) {
    return error.code == Errc::read_only || error.code == Errc::no_space || error.code == Errc::denied ||
           error.os_error == EIO;
}

}  // namespace

Result<void> DriveBundles::open(const std::stop_token& stop) {
    WCMP_ASSIGN(const auto found, scan_and_clean());
    if (found.damaged.empty()) return {};
    for (const auto& name : found.damaged) WCMP_TRY(salvage(name, stop));
    WCMP_TRY(scan_and_clean());
    return {};
}

Result<void> DriveBundles::replace_wrong(const std::vector<std::uint32_t>& positions,
                                         const std::vector<std::uint32_t>& unreadable,
                                         const std::stop_token& stop) {
    for (const auto position : unreadable) leave_unreadable(readers_[position]->name());
    for (const auto position : positions) {
        const auto& reader = *readers_[position];
        if (settings_.memory != nullptr)
            settings_.memory->distrust.add(reader.name(), reader.header().file_bytes);
        WCMP_TRY(salvage(reader.name(), stop));
    }
    WCMP_TRY(scan_and_clean());
    return {};
}

void DriveBundles::forget(const std::vector<bundle::Name>& names) {
    std::erase_if(readers_, [&](const auto& reader) {
        return std::ranges::find(names, reader->name()) != names.end();
    });
}

// Nothing is written for it to a medium that fails. It is not remembered either: a drive that was pulled out
// gives nothing at all, and is sound the next time.
void DriveBundles::leave_unreadable(const bundle::Name& name) {
    ++result_.wrong_bundles;
    hopeless_.push_back(name);
    unsaved_.push_back(name);
}

Result<bundle::DirectoryScan> DriveBundles::scan_and_clean() {
    WCMP_ASSIGN(auto found, bundle::scan(drive_, today_, limits::drive_bundles_max, random_));
    result_.unknown_format = found.unknown_format;
    if (settings_.shared) {
        const auto in_the_making = [&](const auto& name) { return !is_abandoned(name); };
        result_.others_at_work |= std::erase_if(found.void_files, in_the_making) > 0;
    }
    unlink_all(found.void_files);
    std::erase_if(found.dead, [&](const auto& name) { return !may_be_unlinked(name); });
    unlink_all(found.dead);
    const auto is_hopeless = [&](const auto& name) {
        return std::ranges::find(hopeless_, name) != hopeless_.end();
    };
    std::erase_if(found.damaged, is_hopeless);
    readers_ = found.bundles;
    std::erase_if(readers_, [&](const auto& reader) { return is_hopeless(reader->name()); });
    return found;
}

// In a shared directory others get a day to see for themselves.
bool DriveBundles::may_be_unlinked(const bundle::Name& name) const {
    const std::uint32_t grace_days = settings_.shared ? 1 : 0;
    return std::uint64_t{name.last.number} + grace_days <= today_.floor.number;
}

// A void file of a shared directory may still be in the making by another.
bool DriveBundles::is_abandoned(const bundle::Name& name) const {
    if (settings_.memory == nullptr) return false;
    const auto file = drive_.open(bundle::to_string(name));
    if (!file) return false;
    const auto status = (*file)->status();
    if (!status || !settings_.memory->voids.is_abandoned(name, *status, settings_.boot_time)) return false;
    // Asked last: the question takes the lock for a moment, which whoever makes a new file needs right then.
    const auto unlocked = (*file)->no_writer();
    return unlocked && *unlocked;
}

void DriveBundles::unlink_all(const std::vector<bundle::Name>& names) {
    if (names.empty() || result_.export_error) return;
    if (const auto writable = check_writable(); !writable) return note(writable.error());
    for (const auto& name : names) {
        const auto gone = drive_.unlink(bundle::to_string(name));
        if (!gone && gone.error().code != Errc::not_found) return note(gone.error());
        written_ = true;
    }
    if (const auto synced = drive_.sync(); !synced) note(synced.error());
}

void DriveBundles::note(const Error& error) {
    if (!result_.export_error) result_.export_error = error;
}

Result<void> DriveBundles::salvage(const bundle::Name& name, const std::stop_token& stop) {
    ++result_.wrong_bundles;
    hopeless_.push_back(name);
    if (const auto writable = check_writable(); !writable) note(writable.error());
    if (result_.export_error) {
        unsaved_.push_back(name);
        return {};
    }
    const auto file = drive_.open(bundle::to_string(name));
    if (!file) return {};  // taken away meanwhile, or not to be opened: nothing to save
    DriveSalvage salvage(drive_, settings_, today_, result_);
    const auto replaced = salvage.replace(name, **file, stop);
    written_ = written_ || salvage.written();
    if (!replaced) return leave_to_rescue(name, replaced.error());
    if (!*replaced) return {};
    hopeless_.pop_back();
    if (settings_.memory != nullptr) settings_.memory->distrust.remove(name);
    return {};
}

// What cannot be put on the drive goes straight into the store.
Result<void> DriveBundles::leave_to_rescue(const bundle::Name& name, const Error& error) {
    const bool in_the_way = error.code == Errc::busy;
    result_.others_at_work |= in_the_way && settings_.shared;
    if (!in_the_way && error.code != Errc::unreliable_medium) {
        if (!only_writing_failed(error)) return std::unexpected(error);
        note(error);
    }
    unsaved_.push_back(name);
    return {};
}

Result<void> DriveBundles::check_writable() const {
    WCMP_ASSIGN(const auto space, drive_.space());
    return space.read_only ? fail(Errc::read_only, "the drive is read-only") : Result<void>{};
}

}  // namespace wcmp::sync
