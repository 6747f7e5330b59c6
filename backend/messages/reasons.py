"""Why a delivery was not made, in words."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a delivery stands as it stands."""

    NONE = ""
    TO_FILE = "to_file"
    IN_DIGEST = "in_digest"
    NO_SMS_GATEWAY = "no_sms_gateway"
    NO_MAIL_SERVER = "no_mail_server"
    NO_FCM = "no_fcm"
    BAD_GATEWAY_ADDRESS = "bad_gateway_address"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    GONE = "gone"
    SWITCHED_OFF = "switched_off"
    EXPIRED = "expired"
    UNREADABLE = "unreadable"
    HOST_NOT_ALLOWED = "host_not_allowed"


WORDS: dict[Reason, tuple[str, str]] = {
    Reason.NONE: ("", ""),
    Reason.TO_FILE: (
        "未设置网关，已写入消息文件（仅供试用）", "no gateway is set: written into the message file, for trying only",
    ),
    Reason.IN_DIGEST: ("已并入每日汇总", "it is in the morning's digest"),
    Reason.NO_SMS_GATEWAY: ("未设置短信网关：请设置 LIFTROUNDS_SMS_URL", "there is no SMS gateway: set LIFTROUNDS_SMS_URL"),
    Reason.NO_MAIL_SERVER: ("未设置邮件服务器：请设置 LIFTROUNDS_MAIL_URL", "there is no mail server: set LIFTROUNDS_MAIL_URL"),
    Reason.NO_FCM: ("未设置 Firebase：请设置 LIFTROUNDS_FCM_ACCOUNT", "Firebase is not set up: set LIFTROUNDS_FCM_ACCOUNT"),
    Reason.BAD_GATEWAY_ADDRESS: (
        "网关地址无法使用：请检查设置", "the gateway's address cannot be used: check the setting",
    ),
    Reason.REFUSED: ("网关拒绝了该消息", "the gateway refused it"),
    Reason.UNREACHABLE: ("网关无应答", "the gateway does not answer"),
    Reason.BUSY: ("网关暂时繁忙", "the gateway takes no more for now"),
    Reason.GONE: (
        "该浏览器或应用已不再接收推送，订阅已删除", "the browser or app takes pushes no more: its subscription was removed",
    ),
    Reason.SWITCHED_OFF: ("该渠道已被停用或删除", "the channel was switched off or removed"),
    Reason.EXPIRED: ("发送前已过期", "it was too late to be of use"),
    Reason.UNREADABLE: (
        "机器人地址无法解密：请重新填写", "the bot's address cannot be read with this installation's key: enter it again",
    ),
    Reason.HOST_NOT_ALLOWED: (
        "该地址不在允许的主机之列：请设置 LIFTROUNDS_OUTBOUND_HOSTS",
        "pushes and bots may not go to this host: see LIFTROUNDS_OUTBOUND_HOSTS",
    ),
}  # fmt: skip


def words(reason: str) -> tuple[str, str]:
    """Return a reason in Chinese and English."""
    return WORDS[Reason(reason)]
