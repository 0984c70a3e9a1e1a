// Everything that only reads: messages by id, bundle files, recognition. Done on the reading worker.
#pragma once

#include "node/recognition_cursor.h"
#include "node/recognition_scan.h"
#include "node/repairs.h"

namespace wcmp::node {

class Reading {
public:
    // What is found damaged is given to the repairs.
    Reading(Context& context, View& view, Repairs& repairs, const RunNonce& nonce);

    void read(const MessageId& id, Reply<Bytes> reply);
    void length_of(const MessageId& id, Reply<std::uint64_t> reply);

    std::vector<BundleInfo> bundles() const;
    Outcome<std::shared_ptr<BundleFile>> open_bundle(const std::string& name);

    void recognition(const std::string& cursor, DayRange range, std::size_t records_max,
                     Reply<RecognitionPart> reply);

private:
    struct Asked {
        RecognitionCursor cursor;
        DayRange range;
        std::size_t records_max = 0;
        Reply<RecognitionPart> reply;
    };

    RecognitionRequest request_for(const Asked& asked) const;
    void scan(Asked asked);
    void follow(Asked asked);
    void answer(Asked asked, RecognitionRecords records);

    Context& context_;
    View& view_;
    Repairs& repairs_;
    RunNonce nonce_;
};

}  // namespace wcmp::node
