import type { BuiltInElement } from "../host/built_in";

/** Says plainly that something of WeChat is not on this phone: silence would look like a fault of the mini program. */
export function notice(self: BuiltInElement, content: string): void {
  void self.shell.showModal({ content, showCancel: false });
}
