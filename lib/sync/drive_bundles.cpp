#include "sync/drive_bundles.h"

#include <algorithm>

namespace wcmp::sync {
namespace {

// Errors that say that the drive takes no writing, and nothing about what is on it.
bool only_writing_failed(const Error& error) {
    return error.code == Errc::read_only || error.code == Errc::no_space || error.code == Errc::denied;
}

std::vector<bundle::Item> items_of(const bundle::Salvage& saved) {
    std::vector<bundle::Item> items;
    items.reserve(saved.saved.size());
    for (const auto& message : saved.saved) items.push_back({.key = message.key, .length = message.length});
    return items;
}

// A part of a source, with positions that start at nothing.
class PartSource final : public bundle::MessageSource {
public:
    PartSource(bundle::MessageSource& whole, std::size_t first) : whole_(whole), first_(first) {}
    Result<bundle::Reader::Message> fetch(std::size_t index, const bundle::Item& item) override {
        return whole_.fetch(first_ + index, item);
    }

private:
    bundle::MessageSource& whole_;
    std::size_t first_;
};

std::vector<bundle::Piece> cut(std::span<const bundle::Item> items) {
    std::vector<bundle::Piece> pieces;
    bundle::Cutter cutter;
    for (const auto& item : items) cutter.add(item.key, item.length, pieces);
    cutter.finish(pieces);
    return pieces;
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
    if (settings_.shared)
        std::erase_if(found.void_files, [&](const auto& name) { return !is_abandoned(name); });
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
    const auto unlocked = (*file)->no_writer();
    const auto status = (*file)->status();
    if (!unlocked || !*unlocked || !status) return false;
    return settings_.memory->voids.is_abandoned(name, *status, settings_.boot_time);
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
    const auto file = drive_.open(bundle::to_string(name));
    if (!file) return {};  // taken away meanwhile, or not to be opened: nothing to save
    const auto saved = bundle::salvage(**file, name);
    if (!saved) {
        note(saved.error());
        return {};
    }
    result_.lost += saved->lost;
    if (saved->damage == bundle::Damage::none || result_.export_error) return {};
    const auto put = put_saved(name, **file, *saved, stop);
    if (put) {
        result_.salvaged += saved->saved.size();
        hopeless_.pop_back();
        if (settings_.memory != nullptr) settings_.memory->distrust.remove(name);
        return {};
    }
    if (put.error().code == Errc::cancelled) return put;
    note(put.error());
    return only_writing_failed(put.error()) ? Result<void>{} : put;
}

Result<void> DriveBundles::put_saved(const bundle::Name& name, const io::ReadableFile& file,
                                     const bundle::Salvage& saved, const std::stop_token& stop) {
    const auto items = items_of(saved);
    const auto source = bundle::salvage_source(file, saved);
    std::size_t first = 0;
    for (const auto& piece : cut(items)) {
        PartSource part(*source, first);
        WCMP_ASSIGN(const auto done, bundle::commit(drive_, std::span(items).subspan(first, piece.messages),
                                                    part, {.shared = settings_.shared, .stop = stop}));
        written_ = true;
        result_.bytes_written_drive += done.bytes_written;
        if (done.skipped)
            return fail(Errc::busy, "another writes the bundle that would replace a damaged one");
        // The damaged file may have been replaced by the commit itself, under its own name.
        if (std::ranges::find(done.files, name) != done.files.end()) return {};
        first += piece.messages;
    }
    const auto gone = drive_.unlink(bundle::to_string(name));
    if (!gone && gone.error().code != Errc::not_found) return gone;
    return drive_.sync();
}

}  // namespace wcmp::sync
