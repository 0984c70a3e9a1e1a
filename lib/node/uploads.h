// Bundles that clients send: spooled to a file without a name in the store's directory, then visited like a
// drive that is read once (lib/api/API.md).
#pragma once

#include "node/evictions.h"
#include "node/repairs.h"

#include <stop_token>

namespace wcmp::node {

class Uploads {
public:
    // changed: called when an upload brought something into the store.
    Uploads(Context& context, View& view, Repairs& repairs, Evictions& evictions,
            std::function<void()> changed);

    void begin(Reply<std::shared_ptr<Upload>> reply);
    void stop() { stop_.request_stop(); }

private:
    friend class SpooledUpload;

    Context& context_;
    View& view_;
    Repairs& repairs_;
    Evictions& evictions_;
    std::function<void()> changed_;
    std::shared_ptr<std::size_t> open_ = std::make_shared<std::size_t>(0);
    std::stop_source stop_;
};

}  // namespace wcmp::node
