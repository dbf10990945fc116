# Builds Driftline from its sources, then leaves compilers, tests and sources behind.
FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No scripts: the native packages come prebuilt, and `prepare` would build before the sources are here.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY schemas ./schemas
COPY topology ./topology
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:20-slim
# Row decoding makes short-lived objects by the million: a larger young generation collects them cheaply.
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=64
# Large buffers go back to the system: glibc raises its threshold as they come, and keeps what a backlog once took.
ENV MALLOC_MMAP_THRESHOLD_=131072
# Checkpoints, unless told otherwise (docker-compose.yml does: Redis).
ENV DRIFTLINE_STATE=lmdb:/data/checkpoints
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/schemas ./schemas
COPY --from=build /app/topology ./topology
# The root file system may be read-only: only /data and /tmp are written.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=12 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.DRIFTLINE_HTTP_PORT || 8080}/health`).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["up", "topology/monitors"]
