/**
 * Files of a mini program by their paths within it (`pages/a/a.wxml`), and packages of npm as WeChat finds them:
 * `miniprogram_npm/<name>` upwards from the file, else `node_modules/<name>`.
 */

import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, posix, relative, resolve, sep } from "node:path";

const NPM = "miniprogram_npm/";

export class Files {
  #root;
  #shown;
  /** Package name → its folder in node_modules, for those that were not packed. */
  #packages = new Map();

  /** `shown` is how the folder is called in messages. */
  constructor(root, shown) {
    this.#root = resolve(root);
    this.#shown = shown;
  }

  get root() {
    return this.#root;
  }

  /** The path a person can open. */
  show(path) {
    const real = this.real(path);
    const inside = relative(this.#root, real);
    return inside.startsWith("..") ? real : join(this.#shown, inside).split(sep).join("/");
  }

  real(path) {
    const at = path.lastIndexOf(NPM);
    if (at < 0) return join(this.#root, path);
    const packed = join(this.#root, path);
    if (existsSync(packed)) return packed;
    const [name, rest] = splitPackage(path.slice(at + NPM.length));
    const folder = this.#packages.get(name);
    return folder ? join(folder, rest) : packed;
  }

  has(path) {
    const real = this.real(path);
    return existsSync(real) && statSync(real).isFile();
  }

  read(path) {
    return readFileSync(this.real(path), "utf8").replace(/^\uFEFF/, "");
  }

  /** A path as written in the file `from`: relative to it, or from the root. */
  join(from, path) {
    if (path.startsWith("/")) return posix.normalize(path.slice(1));
    return posix.normalize(posix.join(posix.dirname(from), path));
  }

  /** The script of a page, a component, the app, or a module. */
  script(path) {
    return [`${path}.ts`, `${path}.js`].find((each) => this.has(each));
  }

  /** A component as named in usingComponents: its path without extension, or undefined. */
  component(from, named) {
    for (const path of this.#candidates(from, named)) {
      const found = [path, posix.join(path, "index")].find((each) => this.has(`${each}.json`));
      if (found) return found;
    }
    return undefined;
  }

  /** A module as named in `require` and `import`: its real path, or undefined. */
  module(from, named) {
    for (const path of this.#candidates(from, named)) {
      const endings = [path, `${path}.ts`, `${path}.js`, `${path}/index.ts`, `${path}/index.js`];
      const found = endings.find((each) => this.has(each));
      if (found) return this.real(found);
    }
    return undefined;
  }

  /** The path within the mini program of a real file, to resolve what it names in turn. */
  pathOf(real) {
    for (const [name, folder] of this.#packages) {
      const inside = relative(folder, real);
      if (!inside.startsWith("..")) return `${NPM}${name}/${inside.split(sep).join("/")}`;
    }
    return relative(this.#root, real).split(sep).join("/");
  }

  *#candidates(from, named) {
    if (/^[./]/.test(named)) {
      yield this.join(from, named);
      return;
    }
    yield this.join(from, `./${named}`);
    const [name, rest] = splitPackage(named);
    for (let at = posix.dirname(from); ; at = posix.dirname(at)) {
      const path = posix.join(at, NPM, name);
      if (existsSync(join(this.#root, path))) yield posix.join(path, rest || "index");
      if (at === "." || at === "/") break;
    }
    const entry = this.#installed(name, dirname(this.real(from)));
    if (entry) yield posix.join(NPM, name, rest || entry);
  }

  /** Finds a package in node_modules; the answer is its main module. */
  #installed(name, from) {
    for (let at = resolve(from); ; at = dirname(at)) {
      const folder = join(at, "node_modules", name);
      const file = join(folder, "package.json");
      if (existsSync(file)) {
        const { miniprogram, main = "index.js" } = JSON.parse(readFileSync(file, "utf8"));
        const whole = miniprogram ? join(folder, miniprogram) : join(folder, dirname(main));
        this.#packages.set(name, whole);
        return miniprogram ? "index" : basename(main).replace(/\.js$/, "");
      }
      if (dirname(at) === at) return undefined;
    }
  }
}

/** `@scope/name/a/b` to `@scope/name` and `a/b`. */
function splitPackage(named) {
  const parts = named.split("/");
  const length = named.startsWith("@") ? 2 : 1;
  return [parts.slice(0, length).join("/"), parts.slice(length).join("/")];
}
