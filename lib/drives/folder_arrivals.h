// inotify: that a folder of one name appears in the root of a drive. A watch is on the file system's inode,
// not on its mount: unlike an open descriptor it keeps nobody from unmounting the drive.
#pragma once

#include "drives/source.h"
#include "io/unique_fd.h"

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace wcmp::drives {

class FolderArrivals : public std::enable_shared_from_this<FolderArrivals> {
public:
    // `arrived` is called on the thread that runs the io_context.
    FolderArrivals(boost::asio::io_context& io, std::string folder, std::function<void(DriveId)> arrived);

    // Without inotify (no descriptors left) nothing is ever told.
    void start();
    void stop();

    // From any thread, while the root is open. It ends when the file system is unmounted. What arrives before
    // this comes back may not be told.
    void watch(int root, DriveId id);

private:
    void await();
    std::vector<DriveId> take();

    const std::string folder_;
    const std::function<void(DriveId)> arrived_;
    const io::UniqueFd inotify_;
    boost::asio::posix::stream_descriptor readable_;
    std::mutex mutex_;
    std::map<int, DriveId> drives_;  // by watch
};

}  // namespace wcmp::drives
