import torch
import torch.nn as nn
import numpy as np


def get_upsampling_weight(in_channels, out_channels, kernel_size):
    """Make a 2D bilinear kernel suitable for upsampling"""
    factor = (kernel_size + 1) // 2
    if kernel_size % 2 == 1:
        center = factor - 1
    else:
        center = factor - 0.5
    og = np.ogrid[:kernel_size, :kernel_size]
    filt = (1 - abs(og[0] - center) / factor) * (1 - abs(og[1] - center) / factor)
    weight = np.zeros((in_channels, out_channels, kernel_size, kernel_size), dtype=np.float64)
    weight[range(in_channels), range(out_channels), :, :] = filt
    return torch.from_numpy(weight).float()


class FCN8s(nn.Module):
    def __init__(self, n_class=21):
        super().__init__()

        def block(i, o, n):
            layers = []
            for k in range(n):
                layers += [nn.Conv2d(i if k == 0 else o, o, 3, padding=1), nn.ReLU(True)]
            return nn.Sequential(*layers, nn.MaxPool2d(2, stride=2, ceil_mode=True))

        self.pool3 = nn.Sequential(block(3, 16, 2), block(16, 32, 2), block(32, 64, 2))
        self.pool4 = block(64, 128, 2)
        self.pool5 = block(128, 128, 2)
        self.fc6 = nn.Conv2d(128, 256, 7, padding=3)
        self.drop6 = nn.Dropout2d()
        self.score_fr = nn.Conv2d(256, n_class, 1)
        self.score_pool3 = nn.Conv2d(64, n_class, 1)
        self.score_pool4 = nn.Conv2d(128, n_class, 1)
        self.upscore2 = nn.ConvTranspose2d(n_class, n_class, 4, stride=2, bias=False)
        self.upscore8 = nn.ConvTranspose2d(n_class, n_class, 16, stride=8, bias=False)
        self.upscore_pool4 = nn.ConvTranspose2d(n_class, n_class, 4, stride=2, bias=False)
        self._initialize_weights()

    def _initialize_weights(self):
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                m.weight.data.zero_()
                if m.bias is not None:
                    m.bias.data.zero_()
            if isinstance(m, nn.ConvTranspose2d):
                assert m.kernel_size[0] == m.kernel_size[1]
                initial_weight = get_upsampling_weight(m.in_channels, m.out_channels, m.kernel_size[0])
                m.weight.data.copy_(initial_weight)

    def forward(self, x):
        pool3 = self.pool3(x)
        pool4 = self.pool4(pool3)
        h = self.pool5(pool4)
        h = self.drop6(torch.relu(self.fc6(h)))
        h = self.upscore2(self.score_fr(h))
        upscore2 = h
        h = self.score_pool4(pool4)
        h = h[:, :, 0 : upscore2.size()[2], 0 : upscore2.size()[3]]
        h = upscore2[:, :, : h.size(2), : h.size(3)] + h
        h = self.upscore_pool4(h)
        h = h[:, :, 1 : 1 + pool3.size()[2], 1 : 1 + pool3.size()[3]] + self.score_pool3(pool3)
        h = self.upscore8(h)
        h = h[:, :, 4 : 4 + x.size()[2], 4 : 4 + x.size()[3]].contiguous()
        return h
