// The privileged end of the handover: tells its one client which drives there are, mounts them for it, and
// waits for their release.
#pragma once

#include "drive.h"

#include <functional>
#include <memory>
#include <string_view>

namespace wcmp::mountd {

struct ServerOptions {
    Owner user;  // the only one who may connect, and whose the files on drives are
    DriveTimes times;
};

struct ServerListener {
    std::function<void(drives::Light)> light;
    std::function<void()> status_changed;
};

class Server {
public:
    // `listening` is a SOCK_SEQPACKET socket; `devices` must outlive this.
    Server(boost::asio::io_context& io, io::UniqueFd listening, drives::Devices& devices,
           ServerOptions options, ServerListener listener);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    Result<void> start();
    // Asks for every drive, and waits, but not longer than times.give_back. Nobody is killed: what is in use
    // then stays so until its user closes it.
    void stop(std::function<void()> stopped);

    // For people, in one line; without counts.
    std::string_view status() const;

private:
    class Implementation;
    std::shared_ptr<Implementation> implementation_;
};

}  // namespace wcmp::mountd
