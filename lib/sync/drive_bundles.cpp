#include "sync/drive_bundles.h"

#include "bundle/parts.h"

#include <algorithm>
#include <cerrno>

namespace wcmp::sync {
namespace {

// Errors that say that the drive takes no writing, and nothing about what is on it.
bool only_writing_failed(const Error& error) {
    return error.code == Errc::read_only || error.code == Errc::no_space || error.code == Errc::denied;
}

// The medium gives nothing, at one place or anywhere.
bool is_unreadable(const Error& error) {
    return error.code == Errc::io && error.os_error == EIO;
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
                                         const std::stop_token& stop) {
    for (const auto position : positions) {
        const auto& reader = *readers_[position];
        if (settings_.memory != nullptr)
            settings_.memory->distrust.add(reader.name(), reader.header().file_bytes);
        WCMP_TRY(salvage(reader.name(), stop));
    }
    WCMP_TRY(scan_and_clean());
    return {};
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
    const auto replaced = replace_damaged(name, **file, stop);
    if (!replaced) {
        if (replaced.error().code == Errc::cancelled) return std::unexpected(replaced.error());
        const bool others = settings_.shared && replaced.error().code == Errc::busy;
        result_.others_at_work |= others;
        if (!others) note(replaced.error());
        if (!others && !only_writing_failed(replaced.error()) && !is_unreadable(replaced.error()))
            return std::unexpected(replaced.error());
        unsaved_.push_back(name);
        return {};
    }
    if (!*replaced) return {};
    hopeless_.pop_back();
    if (settings_.memory != nullptr) settings_.memory->distrust.remove(name);
    return {};
}

Result<bool> DriveBundles::replace_damaged(const bundle::Name& name, const io::ReadableFile& file,
                                           const std::stop_token& stop) {
    WCMP_ASSIGN(auto salvager, bundle::Salvager::open(file, name));
    // Only what is damaged is replaced: another may have changed the file since it was listed.
    if (salvager.damage() != bundle::Damage::index_wrong && salvager.damage() != bundle::Damage::header_wrong)
        return false;
    std::uint64_t saved = 0;
    std::uint64_t lost = 0;
    std::uint64_t unreadable = 0;
    bool is_output = false;
    while (!salvager.done()) {
        WCMP_ASSIGN(const auto round, salvager.next({.saved_max = limits::salvaged_per_round_max}));
        WCMP_ASSIGN(const bool took_name, put_saved(name, file, round, stop));
        is_output = is_output || took_name;
        saved += round.saved.size();
        lost += round.lost;
        unreadable += round.unreadable;
    }
    result_.salvaged += saved;
    result_.lost += lost;
    if (is_output) return true;
    // What could not be read now may be read elsewhere.
    if (unreadable > 0) return false;
    const auto gone = drive_.unlink(bundle::to_string(name));
    if (!gone && gone.error().code != Errc::not_found) return std::unexpected(gone.error());
    written_ = true;
    WCMP_TRY(drive_.sync());
    return true;
}

Result<void> DriveBundles::check_writable() const {
    WCMP_ASSIGN(const auto space, drive_.space());
    return space.read_only ? fail(Errc::read_only, "the drive is read-only") : Result<void>{};
}

// True when the damaged file has been replaced by a commit itself, under its own name.
Result<bool> DriveBundles::put_saved(const bundle::Name& name, const io::ReadableFile& file,
                                     const bundle::Salvage& saved, const std::stop_token& stop) {
    const auto items = bundle::items_of(saved);
    const auto source = bundle::salvage_source(file, saved);
    bool took_name = false;
    for (const auto& part : bundle::cut_items(items)) {
        bundle::PartSource messages(*source, part);
        WCMP_ASSIGN(const auto done, bundle::commit(drive_, std::span(items).subspan(part.first, part.count),
                                                    messages, {.shared = settings_.shared, .stop = stop}));
        written_ = written_ || done.bytes_written > 0;
        result_.bytes_written_drive += done.bytes_written;
        if (done.skipped)
            return fail(Errc::busy, "another writes the bundle that would replace a damaged one");
        took_name = took_name || std::ranges::find(done.files, name) != done.files.end();
    }
    return took_name;
}

}  // namespace wcmp::sync
