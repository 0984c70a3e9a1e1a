#include "sync/drive_salvage.h"

#include "bundle/parts.h"
#include "sync/watched_source.h"

#include <algorithm>
#include <cerrno>

namespace wcmp::sync {
namespace {

// Tells a place that gives nothing from an error of writing, and from a drive that is gone.
std::unexpected<Error> of_reading(const Error& error) {
    if (error.os_error != EIO) return std::unexpected(error);
    return fail(Errc::unreliable_medium, "a damaged bundle cannot be read", EIO);
}

}  // namespace

Result<bool> DriveSalvage::replace(const bundle::Name& name, const io::ReadableFile& file,
                                   const std::stop_token& stop) {
    auto salvager = bundle::Salvager::open(file, name);
    if (!salvager) return of_reading(salvager.error());
    // Only what is damaged is replaced: another may have changed the file since it was listed.
    const auto damage = salvager->damage();
    if (damage != bundle::Damage::index_wrong && damage != bundle::Damage::header_wrong) return false;
    WCMP_TRY(save_all(*salvager, file, stop));
    result_.salvaged += saved_;
    result_.lost += lost_;
    // A commit may have taken the name itself, once the damaged file was no longer needed.
    if (std::ranges::find(outputs_, name) != outputs_.end()) return true;
    if (may_give_more_) return false;
    WCMP_TRY(unlink(name));
    return true;
}

Result<void> DriveSalvage::save_all(bundle::Salvager& salvager, const io::ReadableFile& file,
                                    const std::stop_token& stop) {
    while (!salvager.done()) {
        auto round = salvager.next({.saved_max = limits::salvaged_per_round_max});
        if (!round) return of_reading(round.error());
        lost_ += round->lost;
        may_give_more_ = may_give_more_ || round->unreadable > 0;
        leave_out_dead(*round);
        WCMP_TRY(put(file, *round, stop));
    }
    return {};
}

// They are neither saved nor lost.
void DriveSalvage::leave_out_dead(bundle::Salvage& round) const {
    std::erase_if(round.saved,
                  [&](const auto& message) { return !message::check_day(message.key.day, today_); });
}

// What is read a second time may be bad this time: then the file is all that may still have it.
Result<void> DriveSalvage::put(const io::ReadableFile& file, const bundle::Salvage& round,
                               const std::stop_token& stop) {
    const auto items = bundle::items_of(round);
    const auto saved = bundle::salvage_source(file, round);
    WatchedSource source(*saved);
    for (const auto& part : bundle::cut_items(items)) {
        bundle::PartSource messages(source, part);
        const auto done = bundle::commit(drive_, std::span(items).subspan(part.first, part.count), messages,
                                         {.shared = settings_.shared, .stop = stop});
        if (!done) return source.failed() ? of_reading(done.error()) : std::unexpected(done.error());
        written_ = written_ || done->bytes_written > 0;
        result_.bytes_written_drive += done->bytes_written;
        if (done->skipped)
            return fail(Errc::busy, "the name of a bundle that would replace a damaged one is taken");
        outputs_.insert(outputs_.end(), done->files.begin(), done->files.end());
        saved_ += part.count - done->bad.size();
        lost_ += done->bad.size();
        may_give_more_ = may_give_more_ || !done->bad.empty();
    }
    return {};
}

Result<void> DriveSalvage::unlink(const bundle::Name& name) {
    const auto gone = drive_.unlink(bundle::to_string(name));
    if (!gone && gone.error().code != Errc::not_found) return std::unexpected(gone.error());
    written_ = true;
    return drive_.sync();
}

}  // namespace wcmp::sync
