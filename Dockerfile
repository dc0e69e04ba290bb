# Two stages: a static binary, and an image with nothing else but certificates.
#
#   docker build -t dragoman .
#   docker run --rm -v dragoman:/data -v "$PWD/night:/night:ro" dragoman translate /night
#
# The store and the output live in the volume /data.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /dragoman ./cmd/dragoman && mkdir /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /dragoman /usr/local/bin/dragoman
COPY --from=build --chown=nonroot:nonroot /data /data
WORKDIR /data
VOLUME /data
ENTRYPOINT ["dragoman"]
CMD ["--help"]
