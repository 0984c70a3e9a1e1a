// The store's side of a visit, in its plainest form: a directory of bundles with mapped indexes.
#pragma once

#include "bundle/directory.h"
#include "made_messages.h"
#include "row.h"
#include "sync/visit.h"

namespace wcmp::bench {

class BundleFolder final : public sync::Local {
public:
    explicit BundleFolder(io::Directory& directory, const message::Today& today = usual_today)
        : directory_(directory), today_(today) {
        scan();
    }

    std::vector<std::shared_ptr<const bundle::Reader>> bundles() override { return bundles_; }
    io::Directory* directory() override { return &directory_; }
    sync::StoreRoom room() override { return {}; }
    Result<void> publish(std::span<const bundle::Name> /*added*/, std::span<const bundle::Name> covered,
                         std::span<const MessageKey> /*arrived*/) override {
        for (const auto& name : covered) WCMP_TRY(directory_.unlink(bundle::to_string(name)));
        scan();
        return {};
    }

private:
    void scan() {
        SeededRandom random(1);
        bundles_ = must(bundle::scan(directory_, today_, 0, random, bundle::IndexAccess::mapped)).bundles;
    }

    io::Directory& directory_;
    message::Today today_;
    std::vector<std::shared_ptr<const bundle::Reader>> bundles_;
};

}  // namespace wcmp::bench
