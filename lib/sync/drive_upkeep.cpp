#include "sync/drive_upkeep.h"

#include "sync/drive_bundles.h"
#include "sync/drive_room.h"

#include <algorithm>

namespace wcmp::sync {
namespace {

class DriveSide final : public UpkeepSide {
public:
    DriveSide(io::Directory& drive, const VisitSettings& settings, const message::Today& today,
              Random& random)
        : drive_(drive), settings_(settings), bundles_(drive, settings_, today, random, found_) {}

    Result<Readers> bundles(const std::stop_token& stop) override {
        WCMP_TRY(bundles_.open(stop));
        WCMP_TRY(check_written());
        return bundles_.readers();
    }
    io::Directory& directory() override { return drive_; }
    std::uint64_t room_bytes() override { return free_for_commit(drive_, settings_.drive_keep_free_bytes); }

    Result<void> publish(std::span<const bundle::Name> added,
                         std::span<const bundle::Name> removed) override {
        written_ = written_ || !added.empty() || !removed.empty();
        for (const auto& name : removed) {
            const auto gone = drive_.unlink(bundle::to_string(name));
            if (!gone && gone.error().code != Errc::not_found) return gone;
        }
        return removed.empty() ? Result<void>{} : drive_.sync();
    }

    Result<void> found_wrong(std::span<const bundle::Name> names, const std::stop_token& stop) override {
        std::vector<std::uint32_t> positions;
        for (std::uint32_t i = 0; i < bundles_.readers().size(); ++i)
            if (std::ranges::find(names, bundles_.readers()[i]->name()) != names.end())
                positions.push_back(i);
        WCMP_TRY(bundles_.replace_wrong(positions, {}, stop));
        return check_written();
    }

    Result<void> sync() {
        if (!written_ && !bundles_.written()) return {};
        WCMP_TRY(drive_.set_constant_times());
        return drive_.sync_file_system();
    }
    const VisitResult& found() const { return found_; }

private:
    // A drive that cannot be written cannot be tidied.
    Result<void> check_written() const {
        return found_.export_error ? std::unexpected(*found_.export_error) : Result<void>{};
    }

    io::Directory& drive_;
    const VisitSettings& settings_;
    VisitResult found_;
    DriveBundles bundles_;
    bool written_ = false;
};

void add_found(const VisitResult& found, UpkeepResult& result) {
    result.wrong_bundles += found.wrong_bundles;
    result.salvaged += found.salvaged;
    result.lost += found.lost;
    result.bytes_written += found.bytes_written_drive;
}

}  // namespace

Result<void> tidy_drive(io::Directory& drive, const VisitSettings& settings, const message::Today& today,
                        Random& random, const std::function<void(const Progress&)>& on_progress,
                        UpkeepResult& result, const std::stop_token& stop) {
    DriveSide side(drive, settings, today, random);
    Upkeep upkeep(side,
                  {.shared = settings.shared,
                   .buffer_bytes = settings.buffer_bytes,
                   .distrust = settings.memory == nullptr ? nullptr : &settings.memory->distrust},
                  today, random);
    upkeep.on_progress = on_progress;
    const auto done = upkeep.run(result, stop);
    add_found(side.found(), result);
    if (!done && done.error().code != Errc::cancelled) return done;
    WCMP_TRY(side.sync());
    return done;
}

bool is_tidying_due(const Readers& bundles, const io::Directory& drive, const VisitSettings& settings,
                    const message::Today& today) {
    const auto space = drive.space();
    if (!space || space->read_only) return false;
    const auto* const distrust = settings.memory == nullptr ? nullptr : &settings.memory->distrust;
    const UpkeepRules rules{.room_bytes = free_for_commit(drive, settings.drive_keep_free_bytes)};
    return plan_upkeep(facts_of(bundles, distrust, today), rules).due();
}

}  // namespace wcmp::sync
