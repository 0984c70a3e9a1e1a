// What ought to be true after each operation: sets, and the rules of lib/bundle/BUNDLE.md. It calls nothing
// of what it judges.
#pragma once

#include "mail.h"
#include "node/visit_job.h"
#include "side.h"
#include "tally.h"

namespace wcmp::sim {

// What is known of an operation beside the media.
struct Event {
    std::vector<Rules> rules{};  // that may have been gone by: before, and after a restart
    bool power_cut = false;
    bool medium_refused = false;  // what came since is sure only after the next power cut
    bool evicting = false;
    bool disk_is_full = false;            // there may be no room for a rewrite, or a fold
    Messages handed_in{};                 // by clients
    std::set<MessageKey> acknowledged{};  // of those

    bool is_dead(const MessageKey& key) const;
    bool is_evicted(const MessageKey& key) const;
    bool is_admitted(const MessageKey& key, std::uint32_t length) const;
    bool is_refused(const MessageKey& key, std::uint32_t length) const;
};

std::string text_of(const sync::VisitResult& result);

class Oracle {
public:
    Oracle(const Mail& mail, Tally& tally) : mail_(mail), tally_(tally) {}

    // Something was done to a relay's store alone.
    void store_worked(Side& store, const io::Directory& directory, const Event& event);
    // A drive was tidied, or something was done to it while it was in no relay.
    void drive_worked(Side& drive, const io::Directory& directory, const Event& event);
    // Rot, or an enemy, was at work: what is there now is what counts.
    void altered(Side& side, const io::Directory& directory);

    struct VisitEnd {
        bool undisturbed = false;
        bool writable = true;
        bool shared = false;
        bool unlisted = false;         // there are bundles in the store of which this run does not know
        std::uint64_t drive_room = 0;  // free bytes before
        node::VisitReport report{};
    };
    void visited(Side& store, const io::Directory& store_directory, Side& drive,
                 const io::Directory& drive_directory, const Event& event, const VisitEnd& end);

private:
    void check_import(const Side& store, const std::set<MessageKey>& store_buried, const Seen& drive_before,
                      const Changes& changes, const Event& event, const VisitEnd& end);
    void check_export(const Side& store, const Side& drive, const Seen& drive_before, const Changes& changes,
                      const Event& event, const VisitEnd& end);
    void check_written(const Side& side, const Messages& messages);
    void settle(Side& side, const Changes& changes, const Event& event);

    const Mail& mail_;
    Tally& tally_;
};

}  // namespace wcmp::sim
