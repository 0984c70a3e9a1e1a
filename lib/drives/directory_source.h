// The `directory` source: configured directories are drives (lib/bundle/BUNDLE.md, sections 2 and 3). They
// come and go: made and removed, mounted and unmounted, replaced by others.
//
// Everything is called on the thread that runs the io_context, but open() and release(). Looking at a
// directory may block for as long as its file system likes; each look has a thread of its own, which is left
// behind when the source goes before it comes back.
#pragma once

#include "drives/source.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace wcmp::drives {

struct WatchedDirectory {
    std::filesystem::path path;  // absolute
    bool shared = false;

    bool operator==(const WatchedDirectory&) const = default;
};

struct DirectorySourceOptions {
    std::string folder = "WCMP";
    // From the first sign of a change to the look at it, so that many changes are one.
    std::chrono::milliseconds debounce{500};
    // File systems on a network give no sign.
    std::chrono::seconds look_every{60};
    // A look that has not come back by then: the directory is shown as one that does not answer, even if
    // nobody has seen yet whether it is there.
    std::chrono::milliseconds answers_within{30'000};
};

class DirectorySource final : public Source {
public:
    DirectorySource(boost::asio::io_context& io, DriveNumbers& numbers,
                    std::vector<WatchedDirectory> directories, DirectorySourceOptions options = {});
    DirectorySource(const DirectorySource&) = delete;
    DirectorySource& operator=(const DirectorySource&) = delete;
    ~DirectorySource() override;

    // Reports the drives that are there already as added. Every report comes later, from the io_context.
    void start(Listener listener) override;
    void stop() override;

    // Watches these from now on: drives that are no longer among them are reported as removed.
    void configure(std::vector<WatchedDirectory> directories);

    // What is changed through the directory that this hands out is not reported as changed; what others
    // change meanwhile is, after release().
    Result<std::unique_ptr<io::Directory>> open(DriveId id) override;
    // Always may be taken out: the visit has synced it. Call it once for each open() that succeeded.
    Result<void> release(DriveId id) override;

private:
    class Implementation;
    std::shared_ptr<Implementation> implementation_;
};

}  // namespace wcmp::drives
