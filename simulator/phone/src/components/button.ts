import { hoverProperties } from "../host/attributes";
import type { BuiltIn } from "../host/built_in";
import { closestForm } from "../host/forms";
import { actOnOpenType } from "./open_types";
import { disabled, flag, role, string } from "./properties";
import { focusable, onControlTap } from "./taps";

export const button: BuiltIn = {
  tag: "button",
  properties: {
    ...hoverProperties("button-hover", 20, 70),
    ...role("button"),
    size: string("", { attribute: "size" }),
    type: string("", { attribute: "type" }),
    plain: flag(false, { attribute: "plain" }),
    disabled: disabled(),
    loading: flag(false, { attribute: "loading" }),
    formType: string(),
    openType: string(),
    name: string(),
    lang: string("en"),
    phoneNumberNoQuotaToast: flag(true),
    needShowEntrance: flag(true),
    entrancePath: string(),
    sessionFrom: string(),
    sendMessageTitle: string(),
    sendMessagePath: string(),
    sendMessageImg: string(),
    showMessageCard: flag(),
    appParameter: string(),
    groupId: string(),
    guildId: string(),
    publicId: string(),
    activityId: string(),
    shareType: string(),
    shareMode: string(),
  },
  mount(self) {
    let isAsking = false;
    const press = async (): Promise<void> => {
      const formType = String(self.get("formType"));
      if (formType) closestForm(self)?.act(formType);
      // A second tap before the sheet is there would open a second sheet.
      if (isAsking) return;
      isAsking = true;
      try {
        await actOnOpenType(self);
      } finally {
        isAsking = false;
      }
    };
    onControlTap(self, () => void press());
    return {
      changed: { disabled: focusable(self) },
      // Asked by a label: what is bound to the button's tap must hear of it, too.
      actions: { press: () => self.fire("tap", {}, { bubbles: true, composed: true }) },
    };
  },
};
