/** The port of a server, and the directory that it may write to. */
interface Server {
  readonly port: number
  readonly directory: string
}

const page = 'x'.repeat(1024)

/** One worker: more would compete with the load and the upstream for the CPU. */
const nginx = (directory: string, http: string): string => `
daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  keepalive_requests 100000000;
${http}
}
`

export const nginxProxy = ({ port, directory, upstreamPort }: Server & { readonly upstreamPort: number }): string =>
  nginx(
    directory,
    `  map $http_upgrade $upstream_connection { default upgrade; '' ''; }
  upstream site {
    server 127.0.0.1:${upstreamPort};
    keepalive 64;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://site;
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $upstream_connection;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $host;
    }
  }`,
  )

export const nginxPage = ({ port, directory }: Server): string =>
  nginx(
    directory,
    `  server {
    listen 127.0.0.1:${port};
    location / { default_type text/plain; return 200 '${page}'; }
  }`,
  )

const caddy = (port: number, directive: string): string => `
{
  admin off
  auto_https off
  log {
    level ERROR
  }
}
http://:${port} {
  bind 127.0.0.1
  ${directive}
}
`

export const caddyfile = ({ port, upstreamPort }: Server & { readonly upstreamPort: number }): string =>
  caddy(
    port,
    `reverse_proxy 127.0.0.1:${upstreamPort} {
    transport http {
      keepalive_idle_conns_per_host 64
    }
  }`,
  )

export const caddyPage = ({ port }: Server): string => caddy(port, `respond "${page}" 200`)
