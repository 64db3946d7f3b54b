#!/bin/sh
# One Sentinel of compose.redis-ha.yml. NAME: its host name. PRIMARY: the one that is the primary in a new system.
# Who is the primary from then on stands in /data/sentinel.conf.
set -eu
umask 077
secret() { sed 's/[\\"]/\\&/g' "/secrets/$1"; }

config=/data/sentinel.conf
if [ ! -e "$config" ]; then
  # not before a replica has the data: an empty one must not become the primary
  export REDISCLI_AUTH="$(cat /secrets/redis_sentinel_password)"
  until redis-cli -h "$PRIMARY" --user sentinel info replication | grep -q '^min_slaves_good_slaves:[1-9]'; do
    sleep 1
  done
  unset REDISCLI_AUTH
  echo "sentinel monitor doctorai $PRIMARY 6379 2" >"$config.new"
  mv "$config.new" "$config"
fi

# down-after 5 s, as long as Sentinel believes a replica's offset: those that it compares are from after the crash
# failover-timeout: a vote that found no winner is held again after twice as long
exec redis-server "$config" --sentinel - <<EOF
port 26379
dir /data
aclfile /secrets/sentinel-users.acl
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip $NAME
sentinel sentinel-user peer
sentinel sentinel-pass "$(secret sentinel_peer_password)"
sentinel auth-user doctorai sentinel
sentinel auth-pass doctorai "$(secret redis_sentinel_password)"
sentinel down-after-milliseconds doctorai 5000
sentinel failover-timeout doctorai 3000
sentinel parallel-syncs doctorai 2
EOF
