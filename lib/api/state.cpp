// What the relay says about itself: version, status, drives.
#include "api/date.h"
#include "api/handlers.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace wcmp::api {
namespace {

namespace json = boost::json;

json::object counts(const std::vector<node::Counted>& list) {
    json::object result;
    for (const auto& [name, count] : list) result[name] = count;
    return result;
}

json::object render(const node::DriveInfo::Result& result) {
    json::object object{{"imported", result.imported},
                        {"exported", result.exported},
                        {"known", result.known},
                        {"refused", counts(result.refused)},
                        {"invalid", counts(result.invalid)},
                        {"not_exported", result.not_exported},
                        {"displaced", result.displaced},
                        {"damaged", result.damaged},
                        {"saved", result.saved},
                        {"lost", result.lost},
                        {"damaged_left", result.damaged_left}};
    if (!result.error_code.empty())
        object["error"] = json::object{{"code", result.error_code}, {"detail", result.error_detail}};
    return object;
}

json::array render(const std::vector<node::DriveInfo>& drives) {
    json::array list;
    for (const auto& drive : drives) {
        json::object object{{"id", drive.id},
                            {"kind", drive.kind},
                            {"filesystem", drive.file_system},
                            {"state", drive.state},
                            {"progress", json::object{{"phase", drive.phase},
                                                      {"done_bytes", drive.done_bytes},
                                                      {"total_bytes", drive.total_bytes}}}};
        if (drive.result) object["result"] = render(*drive.result);
        list.push_back(std::move(object));
    }
    return list;
}

json::value day_or_null(const std::optional<Day>& day) {
    return day ? json::value(to_date(*day)) : json::value(nullptr);
}

json::object render(const node::Limits& limits, const Options& options) {
    return {{"message_bytes_max", limits.message_bytes_max},
            {"upload_bytes_max", limits.upload_bytes_max},
            {"lifetime_days_max", limits.lifetime_days_max},
            {"fetch_ids_max", limits::fetch_ids_max},
            {"fetch_body_bytes_max", limits::fetch_body_bytes_max},
            {"uploads_at_once_max", limits::uploads_at_once_max},
            {"recognition_records_max", limits::recognition_records_max},
            {"recognition_wait_s_max", limits::recognition_wait_s_max},
            {"arrivals_remembered", limits::arrivals_ring},
            {"request_head_bytes_max", limits::request_head_bytes_max},
            {"request_head_lines_max", limits::request_head_lines_max},
            {"connections_max", options.connections_max},
            {"connections_operator_reserve", options.operator_reserve},
            {"connections_per_uid_max", options.connections_per_uid_max},
            {"head_time_ms", options.head_time.count()},
            {"idle_time_ms", options.idle_time.count()},
            {"body_grace_ms", options.body_grace.count()},
            {"body_bytes_per_second_min", options.body_rate_min},
            {"unwanted_body_bytes_max", options.drain_bytes_max},
            {"unwanted_body_time_ms", options.drain_time.count()},
            {"heartbeat_ms", options.heartbeat.count()},
            {"event_backlog_bytes_max", options.event_backlog_bytes_max},
            {"stop_time_ms", options.stop_time.count()}};
}

}  // namespace

Answer get_version(const node::Service& service, const Options& options) {
    return json_answer(
        json::serialize(json::object{{"software", "wcmpd"},
                                     {"version", service.version()},
                                     {"versions", json::array{"v1"}},
                                     {"extensions", json::array{"drive_control", "clock_control"}},
                                     {"limits", render(service.limits(), options)}}));
}

Answer get_status(const node::Service& service) {
    const auto status = service.status();
    const json::array warnings(status.warnings.begin(), status.warnings.end());
    return json_answer(json::serialize(
        json::object{{"state", status.state},
                     {"service", status.service},
                     {"messages", status.messages},
                     {"bytes", status.bytes},
                     {"quota_bytes", status.quota_bytes},
                     {"expires_first", day_or_null(status.expires_first)},
                     {"expires_last", day_or_null(status.expires_last)},
                     {"clock", json::object{{"today", to_date(status.today)}, {"trust", status.trust}}},
                     {"drives", render(status.drives)},
                     {"refused", counts(status.refused)},
                     {"evicted", status.evicted},
                     {"warnings", warnings},
                     {"uptime_s", status.uptime.count()},
                     {"version", status.version}}));
}

Answer get_drives(const node::Service& service) {
    return json_answer(json::serialize(render(service.drives())));
}

}  // namespace wcmp::api
