#!/bin/sh
# One Redis server of compose.redis-ha.yml. NAME: its host name. PRIMARY: the one that is the primary in a new system.
# From then on /data/redis.conf tells whose replica this server is: Sentinel has it written at each failover. So a
# system that is stopped and started goes on with the primary, and the data, that it had.
set -eu
umask 077
secret() { sed 's/[\\"]/\\&/g' "/secrets/$1"; }

config=/data/redis.conf
if [ ! -e "$config" ]; then
  if [ "$NAME" != "$PRIMARY" ]; then echo "replicaof $PRIMARY 6379" >"$config.new"; else : >"$config.new"; fi
  mv "$config.new" "$config"
fi

# appendfsync always: a primary that crashes and is back before a replica took over must know all that it acknowledged
# min-replicas: a primary that is cut off takes nothing that would be thrown away once it is a replica
exec redis-server "$config" - <<EOF
dir /data
aclfile /secrets/users.acl
protected-mode yes
save ""
appendonly yes
appendfsync always
maxmemory $MAXMEMORY
maxmemory-policy volatile-lru
shutdown-timeout 5
replica-announce-ip $NAME
masteruser replica
masterauth "$(secret redis_replica_password)"
min-replicas-to-write 1
min-replicas-max-lag 5
repl-ping-replica-period 2
repl-timeout 10
repl-backlog-size 16mb
repl-diskless-sync-delay 0
EOF
