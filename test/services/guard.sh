#!/bin/sh
# Runs a service for as long as the pipe on descriptor 3 is open, so that it ends with the run that started it,
# even if that run is killed with -9: the kernel closes the pipe, and nothing else has to be told.
#
#   guard.sh FOLDER CONTAINER COMMAND...     CONTAINER is empty where COMMAND is not a docker client
#
#   the pipe closes       the service is killed, FOLDER and CONTAINER are removed
#   `keep`, then closed   the service is asked to end, and may start again later on what it leaves in FOLDER
#   the service ends      so does this script, with its code; what it leaves waits for one of the two above
folder=$1
container=$2
shift 2

"$@" </dev/null 3<&- >>"$folder/log" 2>&1 &
service=$!

(
  word=
  read -r word <&3
  if [ "$word" = keep ]; then
    [ -e "$folder/ended" ] || kill -TERM "$service" 2>/dev/null
    tenths=0
    while [ ! -e "$folder/ended" ] && [ "$tenths" -lt 300 ]; do
      sleep 0.1
      tenths=$((tenths + 1))
    done
  fi
  # The file says that the process was waited for; its number may belong to another one by now.
  [ -e "$folder/ended" ] || kill -KILL "$service" 2>/dev/null
  if [ "$word" != keep ]; then
    [ -z "$container" ] || docker rm --force --volumes "$container" >/dev/null 2>&1
    rm -rf "$folder"
  fi
) &

wait "$service"
code=$?
: 2>/dev/null >"$folder/ended"
exit "$code"
