# Drawbridge for a home server; docs/deployment.md says how to run it. Nothing in here listens beyond the container's own loopback.
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# The app needs neither Electron's program nor what the scripts of other packages do.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npx electron-vite build && npm prune --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    DRAWBRIDGE_DATA=/data \
    DRAWBRIDGE_VAULT=file
WORKDIR /app
COPY --from=build /build/package.json /build/LICENSE ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/out ./out
RUN ln -s /app/out/main/drawbridge.js /usr/local/bin/drawbridge \
    && chmod 0755 /app/out/main/drawbridge.js \
    && install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["drawbridge", "status", "--json"]
ENTRYPOINT ["node", "--max-semi-space-size=2", "/app/out/main/drawbridge.js"]
CMD ["serve", "--no-open"]
