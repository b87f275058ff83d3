#include "base/ids.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace gw;

TEST_CASE("ids: a task id's text gives the id back and sorts as the number does", "[base]") {
  const TaskId small{1};
  const TaskId large{std::numeric_limits<std::int64_t>::max()};
  CHECK(task_id_from(to_text(small)) == small);
  CHECK(task_id_from(to_text(large)) == large);
  CHECK(to_text(small) < to_text(TaskId{32}));
  CHECK(to_text(TaskId{1}) < to_text(large));
}

TEST_CASE("ids: text that is no task id gives number 0", "[base]") {
  CHECK(task_id_from("").number == 0);
  CHECK(task_id_from("000000000000w").number == 0);
  CHECK(task_id_from("8000000000000").number == 0);
  CHECK(task_id_from("00000000000001").number == 0);
}
