// A directory in which the making of bundles waits until a test lets it go on.
#pragma once

#include "drives/forwarding_directory.h"

#include <condition_variable>
#include <mutex>

namespace wcmp::node::test {

class Gate {
public:
    void close() {
        const std::lock_guard lock(mutex_);
        open_ = false;
    }
    void open() {
        {
            const std::lock_guard lock(mutex_);
            open_ = true;
        }
        changed_.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.wait(lock, [this] { return open_; });
        --waiting_;
    }
    bool is_somebody_waiting() {
        const std::lock_guard lock(mutex_);
        return waiting_ > 0 && !open_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = true;
    int waiting_ = 0;
};

class GatedDirectory final : public drives::ForwardingDirectory {
public:
    GatedDirectory(std::unique_ptr<io::Directory> inner, Gate& gate)
        : ForwardingDirectory(std::move(inner)), gate_(gate) {}

    Result<std::unique_ptr<io::WritableFile>> create(std::string_view name) override {
        if (name.ends_with(".wcmp")) gate_.pass();
        return ForwardingDirectory::create(name);
    }
    Result<std::unique_ptr<io::Directory>> open_directory(std::string_view name) const override {
        WCMP_ASSIGN(auto inner, ForwardingDirectory::open_directory(name));
        return std::make_unique<GatedDirectory>(std::move(inner), gate_);
    }

private:
    Gate& gate_;
};

}  // namespace wcmp::node::test
