// A directory whose files have names here only: in the folder that holds them they have none, and whatever
// ends this process ends them.
#pragma once

#include "io/file.h"

#include <map>

namespace wcmp::client {

class UnnamedFiles final : public io::Directory {
public:
    explicit UnnamedFiles(std::unique_ptr<io::Directory> holder) : holder_(std::move(holder)) {}

    Result<void> list(const std::function<void(std::string_view name)>& visit) const override;
    Result<std::unique_ptr<io::ReadableFile>> open(std::string_view name) const override;
    Result<std::unique_ptr<io::WritableFile>> open_for_writing(std::string_view name) override;
    Result<std::unique_ptr<io::WritableFile>> create(std::string_view name) override;
    Result<std::unique_ptr<io::WritableFile>> create_unnamed() override { return holder_->create_unnamed(); }
    Result<void> unlink(std::string_view name) override;
    Result<void> rename(std::string_view from, std::string_view to) override;
    Result<void> sync() override { return {}; }  // there are no names to make durable
    Result<void> sync_file_system() override { return holder_->sync_file_system(); }
    Result<void> set_constant_times() override { return {}; }
    Result<io::Space> space() const override { return holder_->space(); }
    Result<std::unique_ptr<io::Lock>> lock() override;
    Result<std::unique_ptr<io::Directory>> open_directory(std::string_view name) const override;
    Result<void> make_directory(std::string_view name) override;

private:
    std::unique_ptr<io::Directory> holder_;
    std::map<std::string, std::shared_ptr<io::WritableFile>, std::less<>> files_;
};

}  // namespace wcmp::client
