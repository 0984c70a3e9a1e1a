// The store's directory as everything in this process writes it (lib/bundle/BUNDLE.md, section 6, "A failing
// store"): after the first write or sync that the medium refused there is no other. Nobody knows what reached
// the disk then, and a second sync would not tell.
//
// Whoever writes the store gets this one, imports and uploads too, so no caller has to tell an error of the
// output from one of the input. Reading goes on as if nothing had happened, and its errors end nothing.
// The directory's own time is set with each sync: it must not tell when something came.
#pragma once

#include "io/file.h"

#include <atomic>
#include <memory>

namespace wcmp::store {

// Whether writing may go on; of a directory and of the files that it handed out. For several threads.
class WriteGate {
public:
    bool closed() const { return closed_.load(); }
    void close() { closed_.store(true); }

private:
    std::atomic<bool> closed_ = false;
};

class GuardedDirectory final : public io::Directory {
public:
    explicit GuardedDirectory(std::unique_ptr<io::Directory> directory);
    ~GuardedDirectory() override;

    bool failing() const { return gate_->closed(); }
    // For what shows in another way that the medium cannot be written.
    void set_failing() { gate_->close(); }

    Result<void> list(const std::function<void(std::string_view name)>& visit) const override;
    Result<std::unique_ptr<io::ReadableFile>> open(std::string_view name) const override;
    Result<std::unique_ptr<io::WritableFile>> open_for_writing(std::string_view name) override;
    Result<std::unique_ptr<io::WritableFile>> create(std::string_view name) override;
    Result<std::unique_ptr<io::WritableFile>> create_unnamed() override;
    Result<void> unlink(std::string_view name) override;
    Result<void> rename(std::string_view from, std::string_view to) override;
    Result<void> sync() override;
    Result<void> sync_file_system() override;
    Result<void> set_constant_times() override;
    Result<io::Space> space() const override;
    Result<std::unique_ptr<io::Lock>> lock() override;
    Result<std::unique_ptr<io::Directory>> open_directory(std::string_view name) const override;
    Result<void> make_directory(std::string_view name) override;

private:
    std::unique_ptr<io::Directory> directory_;
    std::shared_ptr<WriteGate> gate_;
};

}  // namespace wcmp::store
