// The drives that a directory source knows, and what a new look at their paths means. Safe from any thread.
#pragma once

#include "drives/directory_source.h"
#include "drives/observation.h"
#include "drives/recording_directory.h"

#include <map>
#include <mutex>
#include <variant>

namespace wcmp::drives {

using Report = std::variant<DriveRemoved, DriveAdded, DriveChanged, DriveAnswers>;

// A look at one configured directory, and how often the drive there had been opened and released before.
struct Look {
    WatchedDirectory directory;
    std::uint64_t turns = 0;
    std::optional<Observation> found;
};

class DriveTable {
public:
    explicit DriveTable(DriveNumbers& numbers) : numbers_(numbers) {}

    std::uint64_t turns(const std::filesystem::path& path) const;
    std::optional<DriveId> drive_at(const std::filesystem::path& path) const;

    // Takes the looks at all configured directories; answers what to report. Names count only if no visit was
    // on since before the look: the visit's own changes are none of another's hand.
    std::vector<Report> update(const std::vector<Look>& looks);

    struct Place {
        std::filesystem::path path;
        Identity identity;
    };
    // Errc::not_found when the drive has gone.
    Result<Place> place(DriveId id) const;

    void visit_begins(DriveId id, std::shared_ptr<Recorder> recorder);
    // With the names that are there after it, if they could be listed. True when others changed some.
    bool visit_ends(DriveId id, const std::optional<Names>& names);

private:
    struct Drive {
        DriveId id;
        bool shared = false;
        Identity identity;
        std::optional<Names> names;
        std::uint64_t turns = 0;
        std::shared_ptr<Recorder> visit;  // while one is on
    };

    Drive* find(DriveId id);
    void remove_missing(const std::vector<Look>& looks, std::vector<Report>& reports);
    void update_one(const Look& look, std::vector<Report>& reports);

    DriveNumbers& numbers_;
    mutable std::mutex mutex_;
    std::map<std::filesystem::path, Drive> drives_;
};

}  // namespace wcmp::drives
