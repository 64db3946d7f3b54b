# The page: built by Node, served by nginx, which hands what is the API's to the gateway.
ARG NODE_IMAGE=node:20-alpine
ARG NGINX_IMAGE=nginxinc/nginx-unprivileged:alpine

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
ARG VITE_API_TIMEOUT=30000
ARG VITE_APP_NAME=DoctorAI
RUN npm run build

FROM ${NGINX_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="doctorai-frontend" \
      org.opencontainers.image.description="DoctorAI: the page. Education and research only." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT"
COPY deploy/nginx/frontend.conf /etc/nginx/nginx.conf
COPY --from=build /build/dist /page
USER 101:101
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --start-interval=1s --retries=3 \
  CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]
CMD ["nginx", "-g", "daemon off;"]
