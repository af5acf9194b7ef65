// Command image writes a container image of one layer, made of static files, as an archive that `docker load` and
// `ctr images import` read. The same input gives the same bytes. Only the standard library is used, so it needs no network.
//
//	image -name NAME -out FILE [-entrypoint PATH] [-cmd PATH] [-user UID:GID] [-workdir DIR] [-applets] path=file ...
package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

var (
	name       = flag.String("name", "", "name and tag of the image")
	out        = flag.String("out", "", "archive to write")
	entrypoint = flag.String("entrypoint", "", "program to run always")
	cmd        = flag.String("cmd", "", "program to run when none is given")
	user       = flag.String("user", "", "uid:gid")
	workdir    = flag.String("workdir", "/", "folder to start in")
	applets    = flag.Bool("applets", false, "the first file is a busybox: link every applet to it")
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	if *name == "" || *out == "" || flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	layer, err := layer(flag.Args())
	if err != nil {
		log.Fatal(err)
	}
	if err := write(*out, archive(layer)); err != nil {
		log.Fatal(err)
	}
}

// archiveFile is a tar file in memory whose entries carry no time and no owner.
type archiveFile struct {
	buffer bytes.Buffer
	tar    *tar.Writer
	dirs   map[string]bool
}

func newArchive() *archiveFile {
	a := &archiveFile{dirs: map[string]bool{".": true}}
	a.tar = tar.NewWriter(&a.buffer)
	return a
}

// add writes one entry; writing to memory fails only on a header that makes no sense.
func (a *archiveFile) add(header tar.Header, content []byte) {
	header.Size = int64(len(content))
	header.ModTime = time.Unix(0, 0)
	header.Format = tar.FormatUSTAR
	if err := a.tar.WriteHeader(&header); err != nil {
		log.Fatal(err)
	}
	if _, err := a.tar.Write(content); err != nil {
		log.Fatal(err)
	}
}

func (a *archiveFile) dir(name string, mode int64) {
	if name = path.Clean(strings.Trim(name, "/")); name == "" || a.dirs[name] {
		return
	}
	a.dir(path.Dir(name), 0o755)
	a.dirs[name] = true
	a.add(tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: mode}, nil)
}

func (a *archiveFile) bytes() []byte {
	if err := a.tar.Close(); err != nil {
		log.Fatal(err)
	}
	return a.buffer.Bytes()
}

// layer holds the files, the folders on the way to them, a /tmp for all and the working folder.
func layer(files []string) ([]byte, error) {
	a := newArchive()
	a.dir("tmp", 0o1777)
	a.dir(*workdir, 0o755)
	for i, file := range files {
		target, source, found := strings.Cut(file, "=")
		if !found {
			return nil, fmt.Errorf("%q is not path=file", file)
		}
		content, err := os.ReadFile(source)
		if err != nil {
			return nil, err
		}
		target = strings.TrimPrefix(target, "/")
		a.dir(path.Dir(target), 0o755)
		a.add(tar.Header{Typeflag: tar.TypeReg, Name: target, Mode: 0o755}, content)
		if *applets && i == 0 {
			list, err := exec.Command(source, "--list").Output()
			if err != nil {
				return nil, err
			}
			for _, applet := range strings.Fields(string(list)) {
				if link := path.Join(path.Dir(target), applet); link != target {
					a.add(tar.Header{Typeflag: tar.TypeSymlink, Name: link, Linkname: "/" + target, Mode: 0o777}, nil)
				}
			}
		}
	}
	return a.bytes(), nil
}

// archive wraps the layer with the description of the image.
func archive(layer []byte) []byte {
	config := map[string]any{"Env": []string{"PATH=/usr/local/bin:/usr/bin:/bin"}, "WorkingDir": *workdir}
	for key, value := range map[string]string{"Entrypoint": *entrypoint, "Cmd": *cmd} {
		if value != "" {
			config[key] = []string{value}
		}
	}
	if *user != "" {
		config["User"] = *user
	}
	image := mustJSON(map[string]any{
		"architecture": runtime.GOARCH, "os": "linux", "created": "1970-01-01T00:00:00Z", "config": config,
		"rootfs":  map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + digest(layer)}},
		"history": []any{map[string]string{"created": "1970-01-01T00:00:00Z", "created_by": "image"}},
	})
	a := newArchive()
	file := func(name string, content []byte) {
		a.add(tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644}, content)
	}
	file(digest(image)+".json", image)
	file("layer.tar", layer)
	file("manifest.json", mustJSON([]any{map[string]any{
		"Config": digest(image) + ".json", "RepoTags": []string{*name}, "Layers": []string{"layer.tar"},
	}}))
	return a.bytes()
}

// write puts the file in place at once: an interrupted run leaves no half archive.
func write(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(file+".part", content, 0o644); err != nil {
		return err
	}
	return os.Rename(file+".part", file)
}

func digest(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		log.Fatal(err)
	}
	return b
}
